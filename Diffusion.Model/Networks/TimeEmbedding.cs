using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The two learned layers behind the sinusoidal embedding: [N, C] → [N, E].</summary>
internal sealed class TimeEmbedding : Module<Tensor, Tensor>
{
    private readonly Dense _first;
    private readonly Dense _second;

    public TimeEmbedding(UNetShape shape, Initialiser initial)
        : base(nameof(TimeEmbedding))
    {
        register_module("linear_1", _first = new Dense(shape.BaseChannels, shape.EmbeddingChannels, initial));
        register_module("linear_2", _second = new Dense(shape.EmbeddingChannels, shape.EmbeddingChannels, initial));
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor sinusoid)
    {
        using var scope = NewDisposeScope();
        return _second.call(functional.silu(_first.call(sinusoid))).MoveToOuterDisposeScope();
    }
}
