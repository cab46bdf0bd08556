using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The mean of the pixels attends to the pixels: [N, C, H, W] → [N, C], for any H and W.</summary>
/// <remarks>The pooling of Radford et al. 2021 (CLIP), section 2.4, without positions: those are in the activations already.</remarks>
internal sealed class AttentionPooling : Module<Tensor, Tensor>
{
    [ComponentName(Name = "to_q")]
    private readonly Dense _query;
    [ComponentName(Name = "to_k")]
    private readonly Dense _keys;
    [ComponentName(Name = "to_v")]
    private readonly Dense _values;
    private readonly long _headChannels;

    public AttentionPooling(long channels, long headChannels, Initialiser initial)
        : base(nameof(AttentionPooling))
    {
        _headChannels = headChannels;
        _query = new Dense(channels, channels, initial);
        _keys = new Dense(channels, channels, initial);
        _values = new Dense(channels, channels, initial);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor state)
    {
        using var scope = NewDisposeScope();
        var pixels = state.flatten(2).transpose(1, 2);  // [N, HW, C]
        var mean = pixels.mean([1], keepdim: true);
        var (query, keys, values) = (Heads(_query.call(mean)), Heads(_keys.call(pixels)), Heads(_values.call(pixels)));
        var attended = AttentionKernel.Best(query).Attend(query, keys, values);  // [N, heads, 1, C / heads]
        return attended.flatten(1).MoveToOuterDisposeScope();
    }

    private Tensor Heads(Tensor pixels) => pixels.unflatten(2, [-1, _headChannels]).transpose(1, 2);
}
