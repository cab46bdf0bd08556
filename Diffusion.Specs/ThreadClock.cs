using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Diffusion.Specs;

/// <summary>Measures the processor time of the calling thread, which other programs on a busy machine do not lengthen.</summary>
public static partial class ThreadClock
{
    private const int ThreadTime = 3;

    public static TimeSpan Measure(Action action)
    {
        var start = Now();
        action();
        return Now() - start;
    }

    private static TimeSpan Now()
    {
        if (!OperatingSystem.IsLinux())
            return Stopwatch.GetElapsedTime(0);
        Assert.Equal(0, GetTime(ThreadTime, out var now));
        return TimeSpan.FromSeconds(now.Seconds) + TimeSpan.FromMicroseconds(now.Nanoseconds / 1000.0);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
