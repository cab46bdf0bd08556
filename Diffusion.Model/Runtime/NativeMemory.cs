using Diffusion.Model.Files;
using TorchSharp;

namespace Diffusion.Model.Runtime;

/// <summary>What the C library and the system are told about the memory of tensors on the CPU.</summary>
public static unsafe class NativeMemory
{
    // From glibc's malloc.h. 32 MB is the most that the first may be; a larger number is not taken.
    private const int MapThreshold = -3;
    private const int TrimThreshold = -1;
    private const int LargestMapThreshold = 32 << 20;

    // From Linux's mman.h; the second asks for at once what the first only permits, and is there since 6.1.
    private const int HugePagesAllowed = 14;
    private const int HugePagesNow = 25;
    private const nuint HugePage = 2 << 20;

    /// <summary>From now on keeps freed memory for the next step; it is still given back when the process ends.</summary>
    /// <returns>Whether the C library took the advice; others than glibc have no such setting.</returns>
    /// <remarks>
    /// Activations of a training step are tens of megabytes, freed and asked for again in every step. By default glibc gives such pieces
    /// back to the system at once, which then zeroes every page anew: 3 to 6 % of the CPU time of a training step of the paper network.
    /// </remarks>
    public static bool KeepFreed()
    {
        if (LibC.Find("mallopt") is not { } found)
            return false;
        var set = (delegate* unmanaged<int, int, int>)found;
        return set(MapThreshold, LargestMapThreshold) == 1 && set(TrimThreshold, int.MaxValue) == 1;
    }

    /// <summary>
    /// Puts a tensor that lives long and is passed over from end to end into pages of 2 MB, of which the processor finds more at a time.
    /// </summary>
    /// <param name="tensor">Contiguous; left as it is where it is smaller than such a page, or on another device.</param>
    /// <returns>Whether the system did so; that may depend on how it was set up and on how scattered its free memory is.</returns>
    /// <remarks>The update phase of the paper network, bound by memory, takes two thirds of the time then.</remarks>
    public static bool UseHugePages(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU || !tensor.is_contiguous() || LibC.Find("madvise") is not { } found)
            return false;
        fixed (byte* first = tensor.bytes)
        {
            var start = ((nuint)first + HugePage - 1) / HugePage * HugePage;
            var end = ((nuint)first + (nuint)(tensor.numel() * tensor.ElementSize)) / HugePage * HugePage;
            var advise = (delegate* unmanaged<nuint, nuint, int, int>)found;
            return start < end && advise(start, end - start, HugePagesAllowed) == 0 && advise(start, end - start, HugePagesNow) == 0;
        }
    }
}
