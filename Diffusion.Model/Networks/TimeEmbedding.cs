using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The two learned layers behind the sinusoidal embedding: [N, C] → [N, E].</summary>
internal sealed class TimeEmbedding : Module<Tensor, Tensor>
{
    [ComponentName(Name = "linear_1")]
    private readonly Dense _first;
    [ComponentName(Name = "linear_2")]
    private readonly Dense _second;

    public TimeEmbedding(UNetShape shape, Initialiser initial)
        : base(nameof(TimeEmbedding))
    {
        _first = new Dense(shape.TimeChannels, shape.EmbeddingChannels, initial);
        _second = new Dense(shape.EmbeddingChannels, shape.EmbeddingChannels, initial);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor sinusoid)
    {
        using var scope = NewDisposeScope();
        return _second.call(functional.silu(_first.call(sinusoid))).MoveToOuterDisposeScope();
    }
}
