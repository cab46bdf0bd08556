using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>One level of the decoding half: (state, embedding, skips) → state; pops what the encoding half has pushed.</summary>
internal sealed class UpBlock : Module<Tensor, Tensor, Stack<Tensor>, Tensor>
{
    [ComponentName(Name = "attentions")]
    private readonly ModuleList<SelfAttention> _attentions = new();
    [ComponentName(Name = "resnets")]
    private readonly ModuleList<ResidualBlock> _residuals = new();
    [ComponentName(Name = "upsamplers")]
    private readonly ModuleList<Module<Tensor, Tensor, Tensor>> _samplers = new();

    /// <summary>The block of level <paramref name="level"/>, given the channels of the state and of the skips, which it pops.</summary>
    public UpBlock(UNetShape shape, int level, Stack<int> widths, Initialiser initial)
        : base(nameof(UpBlock))
    {
        var (channels, _, up) = shape.Levels[level];
        var width = shape.Levels[Min(level + 1, shape.Levels.Count - 1)].Channels;
        for (var block = 0; block <= shape.BlocksPerLevel; block++)
        {
            _residuals.Add(new ResidualBlock(new(width + widths.Pop(), channels, shape.EmbeddingChannels, shape.Residual), initial));
            if (up.Attends(block, shape.BlocksPerLevel + 1))
                _attentions.Add(new SelfAttention(SelfAttentionShape.OfLevel(shape, channels), initial));
            width = channels;
        }
        if (level > 0)
            _samplers.Add(Upsampling.For(up.Resampling, shape, channels, initial));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor state, Tensor embedding, Stack<Tensor> skips)
    {
        using var scope = NewDisposeScope();
        for (var block = 0; block < _residuals.Count; block++)
        {
            using var joined = Join(state, skips.Pop());
            state = _residuals[block].call(joined, embedding);
            // The last attention is behind the last block.
            if (block - (int)_residuals.Count + (int)_attentions.Count is >= 0 and var attention)
                using (var unattended = state)
                    state = _attentions[attention].call(unattended);
        }
        foreach (var sampler in _samplers)
            state = sampler.call(state, embedding);
        return state.MoveToOuterDisposeScope();
    }

    /// <summary>The channels of both, neither of which anybody needs again.</summary>
    /// <remarks>Freed here, not at the end, a forward pass without gradients needs a third less memory.</remarks>
    internal static Tensor Join(Tensor state, Tensor skip)
    {
        using (state)
        using (skip)
            return cat([state, skip], 1);  // [N, C + C', H, W]
    }
}
