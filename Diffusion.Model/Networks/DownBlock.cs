using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>One level of the encoding half: (state, embedding, skips) → state; pushes what the decoding half will want.</summary>
internal sealed class DownBlock : Module<Tensor, Tensor, Stack<Tensor>, Tensor>
{
    [ComponentName(Name = "attentions")]
    private readonly ModuleList<SelfAttention> _attentions = new();
    [ComponentName(Name = "resnets")]
    private readonly ModuleList<ResidualBlock> _residuals = new();
    [ComponentName(Name = "downsamplers")]
    private readonly ModuleList<Module<Tensor, Tensor, Tensor>> _samplers = new();

    /// <summary>The block of level <paramref name="level"/>; <paramref name="widths"/> are the channels of the skips, pushed on.</summary>
    public DownBlock(UNetShape shape, int level, Stack<int> widths, Initialiser initial)
        : base(nameof(DownBlock))
    {
        var (channels, down, _) = shape.Levels[level];
        for (var block = 0; block < shape.BlocksPerLevel; block++)
        {
            _residuals.Add(new ResidualBlock(new(widths.Peek(), channels, shape.EmbeddingChannels, shape.Residual), initial));
            if (down.Attends(block, shape.BlocksPerLevel))
                _attentions.Add(new SelfAttention(SelfAttentionShape.OfLevel(shape, channels), initial));
            widths.Push(channels);
        }
        if (level < shape.Levels.Count - 1)
        {
            _samplers.Add(Downsampling.For(down.Resampling, shape, channels, initial));
            widths.Push(channels);
        }
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor state, Tensor embedding, Stack<Tensor> skips)
    {
        for (var block = 0; block < _residuals.Count; block++)
        {
            state = _residuals[block].call(state, embedding);
            // The last attention is behind the last block.
            if (block - (int)_residuals.Count + (int)_attentions.Count is >= 0 and var attention)
                using (var unattended = state)
                    state = _attentions[attention].call(unattended);
            skips.Push(state);
        }
        foreach (var sampler in _samplers)
            skips.Push(state = sampler.call(state, embedding));
        return state;
    }
}
