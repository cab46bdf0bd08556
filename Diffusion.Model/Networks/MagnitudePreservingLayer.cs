using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>
/// A convolution that keeps the size, or a linear map, without a bias, whose weights are normalised to unit magnitude for every output:
/// [N, input, H, W] → [N, output, H, W], or [N, input] → [N, output].
/// </summary>
/// <remarks>Karras et al. 2024, Eq. 47; in training the stored weights are normalised as well, Eq. 66.</remarks>
internal sealed class MagnitudePreservingLayer : Module<Tensor, Tensor>, IArranged
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    [ComponentName(Name = "gain")]
    private readonly Parameter? _gain;

    private MagnitudePreservingLayer(Parameter weight, Parameter? gain)
        : base(nameof(MagnitudePreservingLayer))
    {
        (_weight, _gain) = (weight, gain);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public MemoryLayout Layout { get; set; }

    /// <summary>The type of the parameters.</summary>
    public ScalarType Type => _weight.dtype;

    /// <summary>A convolution of kernel × kernel pixels.</summary>
    public static MagnitudePreservingLayer Convolution(long kernel, long input, long output, Initialiser initial) =>
        new(initial.Normal(output, input, kernel, kernel), null);

    /// <summary>A linear map.</summary>
    public static MagnitudePreservingLayer Linear(long input, long output, Initialiser initial) => new(initial.Normal(output, input), null);

    /// <summary>A 3×3 convolution times a learned gain, which begins with 0.</summary>
    public static MagnitudePreservingLayer GainedConvolution(long input, long output, Initialiser initial) =>
        new(initial.Normal(output, input, 3, 3), Initialiser.Zeros(1));

    /// <summary>A linear map times a learned gain, which begins with 0.</summary>
    public static MagnitudePreservingLayer GainedLinear(long input, long output, Initialiser initial) =>
        new(initial.Normal(output, input), Initialiser.Zeros(1));

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        if (training)
            using (no_grad())
                _weight.copy_(MagnitudePreserving.Normalise(_weight));
        var weight = MagnitudePreserving.Normalise(_weight).Over(Sqrt(_weight.numel() / (double)_weight.shape[0]));
        if (_gain is not null)
            weight = weight * _gain;
        return (_weight.dim() == 2 ? functional.linear(input, weight) : Convolved(input, weight)).MoveToOuterDisposeScope();
    }

    private Tensor Convolved(Tensor input, Tensor weight)
    {
        var padding = weight.shape[2] / 2;
        var arranged = Layout == MemoryLayout.ChannelsFirst ? input : input.WithChannelsLast();
        return functional.conv2d(arranged, weight, null, padding: [padding, padding]);
    }
}
