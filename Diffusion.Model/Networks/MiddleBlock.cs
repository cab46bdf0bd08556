using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The blocks at the coarsest level between the halves: (state, embedding) → state.</summary>
internal sealed class MiddleBlock : Module<Tensor, Tensor, Tensor>
{
    [ComponentName(Name = "attentions")]
    private readonly ModuleList<SelfAttention> _attentions = new();
    [ComponentName(Name = "resnets")]
    private readonly ModuleList<ResidualBlock> _residuals;

    public MiddleBlock(UNetShape shape, Initialiser initial)
        : base(nameof(MiddleBlock))
    {
        var channels = shape.Levels[^1].Channels;
        var residual = new ResidualBlockShape(
            channels, channels, shape.EmbeddingChannels, shape.Residual) { Divisor = shape.Middle.Divisor * shape.Residual.Divisor };
        _residuals = new(new ResidualBlock(residual, initial), new ResidualBlock(residual, initial));
        if (shape.Middle.Attention != MiddleAttention.None)
            _attentions.Add(new SelfAttention(SelfAttentionShape.OfMiddle(shape, channels), initial));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor state, Tensor embedding)
    {
        using var scope = NewDisposeScope();
        state = _residuals[0].call(state, embedding);
        foreach (var attention in _attentions)
            state = attention.call(state);
        return _residuals[1].call(state, embedding).MoveToOuterDisposeScope();
    }
}
