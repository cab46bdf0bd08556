using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>Halves the resolution between levels: [N, C, H, W] → [N, C, H/2, W/2]. The embedding is not used.</summary>
internal sealed class Downsampling : Module<Tensor, Tensor, Tensor>
{
    private static readonly long[] OneBelowAndRight = [0, 1, 0, 1];

    private readonly DownsamplePadding _padding;
    [ComponentName(Name = "conv")]
    private readonly Convolution? _convolution;

    private Downsampling()
        : base(nameof(Downsampling))
    {
    }

    private Downsampling(long channels, DownsamplePadding padding, Initialiser initial)
        : base(nameof(Downsampling))
    {
        _padding = padding;
        _convolution = Convolution.Halving(channels, padding == DownsamplePadding.Symmetric ? 1 : 0, initial);
        RegisterComponents();
    }

    /// <summary>The way down that <paramref name="resampling"/> names, from a level of <paramref name="channels"/> channels.</summary>
    public static Module<Tensor, Tensor, Tensor> For(Resampling resampling, UNetShape shape, int channels, Initialiser initial) =>
        resampling switch
        {
            Resampling.Convolution => new Downsampling(channels, shape.Padding, initial),
            Resampling.Residual => new ResidualBlock(
                new(channels, channels, shape.EmbeddingChannels, shape.Residual) { Resize = Resize.Halve }, initial),
            _ => new Downsampling(),
        };

    /// <summary>Averages of 2×2 pixels.</summary>
    public static Tensor Averaged(Tensor state) => functional.avg_pool2d(state, 2);

    /// <inheritdoc/>
    public override Tensor forward(Tensor state, Tensor embedding)
    {
        if (_convolution is null)
            return Averaged(state);
        using var scope = NewDisposeScope();
        var padded = _padding == DownsamplePadding.Asymmetric ? functional.pad(state, OneBelowAndRight) : state;
        return _convolution.call(padded).MoveToOuterDisposeScope();
    }
}
