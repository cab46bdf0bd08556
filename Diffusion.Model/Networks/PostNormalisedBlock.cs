using Diffusion.Math.Values;
using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>
/// Two convolutions, each with a normalisation and SiLU behind, beside a shortcut: (state [N, C, H, W], embedding [N, E]) →
/// [N, C', H, W].
/// </summary>
/// <remarks>
/// Time and label scale and shift behind the first normalisation. The embedding arrives with its nonlinearity already applied.
/// </remarks>
internal sealed class PostNormalisedBlock : Module<Tensor, Tensor, Tensor>, IMasked
{
    [ComponentName(Name = "conv1")]
    private readonly Convolution _conv1;
    [ComponentName(Name = "norm1")]
    private readonly RootMeanSquareNormalisation _norm1;
    [ComponentName(Name = "time_emb_proj")]
    private readonly Dense _projection;
    [ComponentName(Name = "conv2")]
    private readonly Convolution _conv2;
    [ComponentName(Name = "norm2")]
    private readonly RootMeanSquareNormalisation _norm2;
    [ComponentName(Name = "conv_shortcut")]
    private readonly Convolution? _shortcut;
    private readonly double _dropout;

    public PostNormalisedBlock(UNetShape shape, long input, long output, Initialiser initial)
        : base(nameof(PostNormalisedBlock))
    {
        _dropout = shape.Residual.Dropout;
        _conv1 = Convolution.Same(input, output, initial);
        _norm1 = new RootMeanSquareNormalisation(output);
        _projection = new Dense(shape.ConditionChannels, 2 * output, initial);
        _conv2 = Convolution.Same(output, output, initial);
        _norm2 = new RootMeanSquareNormalisation(output);
        _shortcut = input == output ? null : Convolution.Pointwise(input, output, initial);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public MaskSeeds Masks { get; set; } = new(new Seed(0));

    /// <inheritdoc/>
    public override Tensor forward(Tensor state, Tensor embedding)
    {
        using var scope = NewDisposeScope();
        var modulation = _projection.call(embedding).unsqueeze(-1).unsqueeze(-1).chunk(2, 1);  // scale and shift, [N, C', 1, 1]
        var hidden = _norm1.call(_conv1.call(state));
        hidden = functional.silu(modulation[1].Plus(hidden * modulation[0].Plus(1)));
        if (training && _dropout > 0)
            hidden = Dropout.Apply(hidden, _dropout, Masks);
        hidden = functional.silu(_norm2.call(_conv2.call(hidden)));
        return hidden.Plus(_shortcut is null ? state : _shortcut.call(state)).MoveToOuterDisposeScope();
    }
}
