using System.Diagnostics;

namespace Diffusion.Host.Benchmarks;

/// <summary>The most memory that this process had at once since it was last asked to forget, where the system can forget.</summary>
internal static class PeakMemory
{
    // Linux: man 5 proc, clear_refs: "5 ... resets the peak resident set size".
    private const string Reset = "/proc/self/clear_refs";

    /// <summary>Begins anew; elsewhere than on Linux the peak stays that of the whole process.</summary>
    public static void Forget()
    {
        GC.Collect();
        try
        {
            if (File.Exists(Reset))
                File.WriteAllText(Reset, "5");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Some containers forbid it.
        }
    }

    /// <summary>Megabytes of 10⁶ bytes.</summary>
    public static double Megabytes
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64 / 1e6;
        }
    }
}
