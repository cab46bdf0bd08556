using TorchSharp;

namespace Diffusion.Model.Distributed;

/// <summary>The numbers of a tensor as they lie in memory.</summary>
public static unsafe class FlatNumbers
{
    /// <summary>
    /// Those of a contiguous, one-dimensional tensor on the CPU; a float64 counts as two. Good while the tensor is there.
    /// </summary>
    public static Span<float> Of(torch.Tensor flat)
    {
        ArgumentNullException.ThrowIfNull(flat);
        if (flat.numel() == 0)
            return [];
        using var first = flat.narrow(0, 0, 1);
        fixed (byte* start = first.bytes)
            return new(start, checked((int)(flat.numel() * WidthOf(flat))));
    }

    /// <summary>How many of them a number of the tensor is.</summary>
    public static int WidthOf(torch.Tensor flat) => (int)flat.ElementSize / sizeof(float);
}
