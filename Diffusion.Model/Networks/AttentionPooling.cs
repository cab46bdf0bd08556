using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The mean of the pixels attends to the pixels: [N, C, H, W] → [N, C], for any H and W.</summary>
/// <remarks>
/// The pooling of Radford et al. 2021 (CLIP), section 2.4. Without positions, which are in the activations already; or with them, for one
/// size of images, and then the mean is attended to as well.
/// </remarks>
internal sealed class AttentionPooling : Module<Tensor, Tensor>
{
    [ComponentName(Name = "to_q")]
    private readonly Dense _query;
    [ComponentName(Name = "to_k")]
    private readonly Dense _keys;
    [ComponentName(Name = "to_v")]
    private readonly Dense _values;
    [ComponentName(Name = "positions")]
    private readonly Parameter? _positions;
    private readonly long _headChannels;

    public AttentionPooling(long channels, long headChannels, int? positions, Initialiser initial)
        : base(nameof(AttentionPooling))
    {
        _headChannels = headChannels;
        // The mean's first.
        _positions = positions is { } count ? initial.Weight(Initialiser.Unit, count + 1, channels) : null;
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
        if (_positions is not null)
        {
            if (pixels.shape[1] + 1 != _positions.shape[0])
                throw new ArgumentException(
                    $"The coarsest level has {pixels.shape[1]} pixels; the classifier knows {_positions.shape[0] - 1} positions.");
            pixels = cat([mean, pixels], 1).Plus(_positions);
            mean = pixels.narrow(1, 0, 1);
        }
        var (query, keys, values) = (Heads(_query.call(mean)), Heads(_keys.call(pixels)), Heads(_values.call(pixels)));
        var attended = AttentionKernel.Best(query).Attend(query, keys, values);  // [N, heads, 1, C / heads]
        return attended.flatten(1).MoveToOuterDisposeScope();
    }

    private Tensor Heads(Tensor pixels) => pixels.unflatten(2, [-1, _headChannels]).transpose(1, 2);
}
