using Diffusion.Math.Values;
using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>
/// Two normalised convolutions beside a shortcut, conditioned on time and label: (state [N, C, H, W], embedding [N, E]) → [N, C', H', W'].
/// </summary>
/// <remarks>
/// Ho et al. 2020, appendix B; with scale and shift Nichol and Dhariwal 2021, section 3.4; with resampling inside Dhariwal and Nichol
/// 2021, section 3. The embedding arrives with its nonlinearity already applied, since every block applies the same one.
/// </remarks>
internal sealed class ResidualBlock : Module<Tensor, Tensor, Tensor>, IMasked
{
    [ComponentName(Name = "norm1")]
    private readonly GroupNormalisation _norm1;
    [ComponentName(Name = "conv1")]
    private readonly Convolution _conv1;
    [ComponentName(Name = "time_emb_proj")]
    private readonly Dense _projection;
    [ComponentName(Name = "norm2")]
    private readonly GroupNormalisation _norm2;
    [ComponentName(Name = "conv2")]
    private readonly Convolution _conv2;
    [ComponentName(Name = "conv_shortcut")]
    private readonly Convolution? _shortcut;
    private readonly ResidualBlockShape _shape;

    public ResidualBlock(ResidualBlockShape shape, Initialiser initial)
        : base(nameof(ResidualBlock))
    {
        _shape = shape;
        var (input, output, residual) = (shape.Input, shape.Output, shape.Residual);
        var modulation = residual.Injection == TimeInjection.ScaleAndShift ? 2 * output : output;
        _norm1 = new GroupNormalisation(input, residual.GroupsOf(input), residual.Epsilon);
        _conv1 = Convolution.Same(input, output, initial);
        _projection = new Dense(shape.Embedding, modulation, initial);
        _norm2 = new GroupNormalisation(output, residual.GroupsOf(output), residual.Epsilon);
        _conv2 = Convolution.Same(output, output, initial, Initialiser.NearZero);
        var keeps = input == output && (shape.Resize == Resize.Keep || residual.Shortcut == ResampledShortcut.Plain);
        _shortcut = keeps ? null : Convolution.Pointwise(input, output, initial);
        RegisterComponents();
    }

    /// <summary>Where dropout takes its masks from.</summary>
    public MaskSeeds Masks { get; set; } = new(new Seed(0));

    /// <inheritdoc/>
    public override Tensor forward(Tensor state, Tensor embedding)
    {
        using var scope = NewDisposeScope();
        var modulation = _projection.call(embedding).unsqueeze(-1).unsqueeze(-1);  // [N, C' or 2C', 1, 1]
        var hidden = _conv1.call(Resized(_norm1.Activated(state)));
        hidden = _norm2.Activated(hidden, modulation, _shape.Residual.Injection);
        if (training && _shape.Residual.Dropout > 0)
            hidden = Dropout.Apply(hidden, _shape.Residual.Dropout, Masks);
        hidden = _conv2.call(hidden);
        var resized = Resized(state);
        // In place: no gradient needs the convolution's output.
        hidden.add_(_shortcut is null ? resized : _shortcut.call(resized), Number.One);
        return (_shape.Divisor == 1 ? hidden : hidden.div_(Number.Of(_shape.Divisor))).MoveToOuterDisposeScope();
    }

    private Tensor Resized(Tensor state) => Smoothing.Resized(state, _shape.Resize, _shape.Residual.Filter);
}

/// <summary>The settings of one residual block.</summary>
/// <param name="Input">Channels of the input.</param>
/// <param name="Output">Channels of the output.</param>
/// <param name="Embedding">Channels of the embedding of time and label.</param>
/// <param name="Residual">What all residual blocks of the network share.</param>
internal sealed record ResidualBlockShape(long Input, long Output, long Embedding, ResidualShape Residual)
{
    /// <summary>What the sum of branch and shortcut is divided by.</summary>
    public double Divisor { get; init; } = Residual.Divisor;

    /// <summary>The change of resolution inside the block.</summary>
    public Resize Resize { get; init; }
}

/// <summary>A change of resolution.</summary>
internal enum Resize
{
    /// <summary>None.</summary>
    Keep,

    /// <summary>Half, by averages of 2×2 pixels.</summary>
    Halve,

    /// <summary>Twice, by repeating pixels.</summary>
    Double,
}
