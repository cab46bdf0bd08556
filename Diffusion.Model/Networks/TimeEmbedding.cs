using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The two learned layers behind the sinusoidal embedding: [N, C] → [N, E].</summary>
/// <remarks>Between them SiLU, or GELU in networks of root mean square normalisation.</remarks>
internal sealed class TimeEmbedding : Module<Tensor, Tensor>
{
    [ComponentName(Name = "linear_1")]
    private readonly Dense _first;
    [ComponentName(Name = "linear_2")]
    private readonly Dense _second;

    private readonly bool _isGaussian;

    public TimeEmbedding(UNetShape shape, Initialiser initial)
        : base(nameof(TimeEmbedding))
    {
        _first = new Dense(shape.TimeChannels, shape.EmbeddingChannels, initial);
        _second = new Dense(shape.EmbeddingChannels, shape.EmbeddingChannels, initial);
        _isGaussian = shape.Architecture is UNetArchitecture.PostNormalised;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor sinusoid)
    {
        using var scope = NewDisposeScope();
        var hidden = _first.call(sinusoid);
        return _second.call(_isGaussian ? functional.gelu(hidden) : functional.silu(hidden)).MoveToOuterDisposeScope();
    }
}
