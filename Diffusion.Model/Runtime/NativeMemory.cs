using System.Runtime.InteropServices;

namespace Diffusion.Model.Runtime;

/// <summary>How the C library that libtorch allocates with treats memory that was freed.</summary>
/// <remarks>
/// Activations of a training step are tens of megabytes, freed and asked for again in every step. By default glibc gives such pieces back
/// to the system at once, which then zeroes every page anew: 3 to 6 % of the CPU time of a training step of the paper network.
/// </remarks>
public static unsafe class NativeMemory
{
    // From glibc's malloc.h. 32 MB is the most that the first may be; a larger number is not taken.
    private const int MapThreshold = -3;
    private const int TrimThreshold = -1;
    private const int LargestMapThreshold = 32 << 20;

    /// <summary>From now on keeps freed memory for the next step; it is still given back when the process ends.</summary>
    /// <returns>Whether the C library took the advice; others than glibc have no such setting.</returns>
    public static bool KeepFreed()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libc.so.6", out var library)
            || !NativeLibrary.TryGetExport(library, "mallopt", out var found))
            return false;
        var set = (delegate* unmanaged<int, int, int>)found;
        return set(MapThreshold, LargestMapThreshold) == 1 && set(TrimThreshold, int.MaxValue) == 1;
    }
}
