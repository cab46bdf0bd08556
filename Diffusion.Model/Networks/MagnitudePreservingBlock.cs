using Diffusion.Math.Values;
using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>
/// A main branch and a residual one that is scaled by time and label, and perhaps attention: (state [N, C, H, W], embedding [N, E]) →
/// [N, C', H', W'].
/// </summary>
/// <remarks>Karras et al. 2024, Figure 21. In the encoding half the state is normalised pixel by pixel before both branches.</remarks>
internal sealed class MagnitudePreservingBlock : Module<Tensor, Tensor, Tensor>, IMasked
{
    [ComponentName(Name = "conv1")]
    private readonly MagnitudePreservingLayer _conv1;
    [ComponentName(Name = "time_emb_proj")]
    private readonly MagnitudePreservingLayer _projection;
    [ComponentName(Name = "conv2")]
    private readonly MagnitudePreservingLayer _conv2;
    [ComponentName(Name = "conv_shortcut")]
    private readonly MagnitudePreservingLayer? _shortcut;
    [ComponentName(Name = "to_qkv")]
    private readonly MagnitudePreservingLayer? _fused;
    [ComponentName(Name = "to_out")]
    private readonly MagnitudePreservingLayer? _attended;
    private readonly MagnitudePreservingBlockShape _shape;

    public MagnitudePreservingBlock(MagnitudePreservingBlockShape shape, Initialiser initial)
        : base(nameof(MagnitudePreservingBlock))
    {
        _shape = shape;
        var (input, output) = (shape.Input, shape.Output);
        _conv1 = MagnitudePreservingLayer.Convolution(3, shape.Half == UNetHalf.Down ? output : input, output, initial);
        _projection = MagnitudePreservingLayer.GainedLinear(shape.Network.EmbeddingChannels, output, initial);
        _conv2 = MagnitudePreservingLayer.Convolution(3, output, output, initial);
        if (input != output)
            _shortcut = MagnitudePreservingLayer.Convolution(1, input, output, initial);
        if (shape.Attends)
        {
            _fused = MagnitudePreservingLayer.Convolution(1, output, 3 * output, initial);
            _attended = MagnitudePreservingLayer.Convolution(1, output, output, initial);
        }
        RegisterComponents();
    }

    /// <inheritdoc/>
    public MaskSeeds Masks { get; set; } = new(new Seed(0));

    /// <inheritdoc/>
    public override Tensor forward(Tensor state, Tensor embedding)
    {
        using var scope = NewDisposeScope();
        var (architecture, residual) = (_shape.Architecture, _shape.Network.Residual);
        state = Smoothing.Resized(state, _shape.Resize, residual.Filter);
        if (_shape.Half == UNetHalf.Down)
            state = MagnitudePreserving.Normalise(Shortened(state), 1);
        var scale = _projection.call(embedding).Plus(1).unsqueeze(-1).unsqueeze(-1);  // [N, C', 1, 1]
        var hidden = MagnitudePreserving.Silu(_conv1.call(MagnitudePreserving.Silu(state)) * scale);
        if (training && residual.Dropout > 0)
            hidden = Dropout.Apply(hidden, residual.Dropout, Masks);
        hidden = _conv2.call(hidden);
        if (_shape.Half != UNetHalf.Down)
            state = Shortened(state);
        state = MagnitudePreserving.Sum(state, hidden, architecture.ResidualBalance);
        if (_fused is not null)
            state = MagnitudePreserving.Sum(state, Attended(state), architecture.AttentionBalance);
        return (architecture.Limit is { } limit ? state.clamp(Number.Of(-limit), Number.Of(limit)) : state).MoveToOuterDisposeScope();
    }

    private Tensor Shortened(Tensor state) => _shortcut is null ? state : _shortcut.call(state);

    // Queries, keys and values stand in turns, and are normalised: the attention is by their cosine.
    private Tensor Attended(Tensor state)
    {
        using var scope = NewDisposeScope();
        var size = state.shape;
        var heads = _shape.Output / _shape.Network.HeadChannelsAt((int)_shape.Output);
        var fused = _fused!.call(state).reshape(size[0], heads, -1, 3, size[2] * size[3]);  // [N, heads, channels, 3, HW]
        var parts = MagnitudePreserving.Normalise(fused, 2).transpose(2, 4).unbind(3);  // three of [N, heads, HW, channels]
        var attended = AttentionKernel.Best(parts[0]).Attend(parts[0], parts[1], parts[2]);
        return _attended!.call(attended.transpose(2, 3).reshape(size)).MoveToOuterDisposeScope();
    }
}

/// <summary>The settings of one magnitude-preserving block.</summary>
/// <param name="Input">Channels of the input.</param>
/// <param name="Output">Channels of the output.</param>
/// <param name="Half">Where it is; the middle is as the decoding half.</param>
/// <param name="Network">The network.</param>
/// <param name="Architecture">Its balances.</param>
internal sealed record MagnitudePreservingBlockShape(
    long Input, long Output, UNetHalf Half, UNetShape Network, UNetArchitecture.MagnitudePreserving Architecture)
{
    /// <summary>The change of resolution.</summary>
    public Resize Resize { get; init; }

    /// <summary>Whether attention follows.</summary>
    public bool Attends { get; init; }
}
