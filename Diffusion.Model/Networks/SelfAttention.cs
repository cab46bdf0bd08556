using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>Every pixel attends to every pixel of the same example, beside a shortcut: [N, C, H, W] → [N, C, H, W].</summary>
/// <remarks>Ho et al. 2020, appendix B; with several heads Nichol and Dhariwal 2021.</remarks>
internal sealed class SelfAttention : Module<Tensor, Tensor>
{
    [ComponentName(Name = "group_norm")]
    private readonly GroupNormalisation? _norm;
    [ComponentName(Name = "to_q")]
    private readonly Dense _queries;
    [ComponentName(Name = "to_k")]
    private readonly Dense _keys;
    [ComponentName(Name = "to_v")]
    private readonly Dense _values;
    [ComponentName(Name = "to_out")]
    private readonly ModuleList<Dense> _output;
    private readonly SelfAttentionShape _shape;

    public SelfAttention(SelfAttentionShape shape, Initialiser initial)
        : base(nameof(SelfAttention))
    {
        _shape = shape;
        if (shape.Groups is { } groups)
            _norm = new GroupNormalisation(shape.Channels, groups, shape.Epsilon);
        _queries = new Dense(shape.Channels, shape.Channels, initial);
        _keys = new Dense(shape.Channels, shape.Channels, initial);
        _values = new Dense(shape.Channels, shape.Channels, initial);
        _output = new(new Dense(shape.Channels, shape.Channels, initial, Initialiser.NearZero));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor state)
    {
        using var scope = NewDisposeScope();
        var size = state.shape;
        var normalised = _norm is null ? state : _norm.call(state);
        var pixels = normalised.flatten(2).transpose(1, 2);  // [N, HW, C]
        var (queries, keys, values) = (Heads(_queries.call(pixels)), Heads(_keys.call(pixels)), Heads(_values.call(pixels)));
        var attended = AttentionKernel.Best(queries).Attend(queries, keys, values);
        var output = _output[0].call(attended.transpose(1, 2).flatten(2));  // [N, HW, C]
        var images = output.transpose(1, 2).reshape(size);  // with the channels last
        var sum = state.Plus(state.is_contiguous() ? images.contiguous() : images);
        return (_shape.Divisor == 1 ? sum : sum.div_(Number.Of(_shape.Divisor))).MoveToOuterDisposeScope();
    }

    private Tensor Heads(Tensor pixels) =>  // [N, HW, C] → [N, heads, HW, C / heads]
        pixels.unflatten(2, [_shape.Channels / _shape.HeadChannels, _shape.HeadChannels]).transpose(1, 2);
}

/// <summary>The settings of one attention.</summary>
/// <param name="Channels">Channels of the state.</param>
/// <param name="HeadChannels">Channels of a head; divides <paramref name="Channels"/>.</param>
/// <param name="Groups">Groups of the normalisation, or null for none.</param>
/// <param name="Epsilon">Added to the variance there.</param>
internal sealed record SelfAttentionShape(long Channels, long HeadChannels, int? Groups, double Epsilon)
{
    /// <summary>What the sum of branch and shortcut is divided by.</summary>
    public double Divisor { get; init; } = 1;

    /// <summary>The attention of a level.</summary>
    public static SelfAttentionShape OfLevel(UNetShape shape, int channels) =>
        new(channels, shape.HeadChannelsAt(channels), shape.Residual.GroupsOf(channels), shape.Residual.Epsilon)
        {
            Divisor = shape.Residual.Divisor,
        };

    /// <summary>The attention in the middle.</summary>
    public static SelfAttentionShape OfMiddle(UNetShape shape, int channels) =>
        OfLevel(shape, channels) with
        {
            Groups = shape.Middle.Attention == MiddleAttention.Normalised ? shape.Middle.Groups ?? shape.Residual.GroupsOf(channels) : null,
            Divisor = shape.Middle.Divisor * shape.Residual.Divisor,
        };
}
