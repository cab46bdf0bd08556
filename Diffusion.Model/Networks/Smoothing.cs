using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>Changes of resolution by a factor of two with a filter that smooths.</summary>
/// <remarks>
/// Halving by f is a convolution of each channel with f ⊗ f / (Σf)² and stride 2, doubling the transposed one times 4, both with zeros
/// around the image. For [1, 1] these are averages of 2×2 pixels and repetitions.
/// </remarks>
internal static class Smoothing
{
    private static readonly double[] Binomial = [1, 3, 3, 1];

    private static readonly long[] Two = [2, 2];

    private static readonly long[] One = [1, 1];

    /// <summary>Another resolution, or the same.</summary>
    public static Tensor Resized(Tensor state, Resize resize, ResamplingFilter filter) => (resize, filter) switch
    {
        (Resize.Keep, _) => state,
        (Resize.Halve, ResamplingFilter.Box) => Downsampling.Averaged(state),
        (Resize.Double, ResamplingFilter.Box) => Upsampling.Repeated(state),
        (Resize.Halve, _) => Halved(state, One),
        _ => Doubled(state),
    };

    /// <summary>Half the resolution behind a 3×3 convolution, which also sees beyond the edge what the filter needs there.</summary>
    public static Tensor HalvedBehind(Convolution convolution, Tensor state, ResamplingFilter filter)
    {
        using var scope = NewDisposeScope();
        var halved = filter == ResamplingFilter.Box
            ? Downsampling.Averaged(convolution.call(state))
            : Halved(convolution.Padded(state, 2), [0, 0]);
        return halved.MoveToOuterDisposeScope();
    }

    private static Tensor Halved(Tensor state, long[] padding)
    {
        using var scope = NewDisposeScope();
        var channels = state.shape[1];
        return functional.conv2d(state, Kernel(state, channels, 1), null, Two, padding, One, channels).MoveToOuterDisposeScope();
    }

    private static Tensor Doubled(Tensor state)
    {
        using var scope = NewDisposeScope();
        var channels = state.shape[1];
        return functional.conv_transpose2d(state, Kernel(state, channels, 4), null, Two, One, [0, 0], One, channels)
            .MoveToOuterDisposeScope();
    }

    private static Tensor Kernel(Tensor state, long channels, double gain)
    {
        var total = Binomial.Sum() * Binomial.Sum();
        double[] weights = [.. Binomial.SelectMany(row => Binomial.Select(column => gain * row * column / total))];
        return tensor(weights, [1, 1, 4, 4], state.dtype, state.device).repeat(channels, 1, 1, 1);
    }
}
