using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The sines and cosines of times: [N] → [N, channels], in double precision.</summary>
/// <remarks>Double, because a float32 angle of 1000 is already off by 3e-5. See <see cref="TimeEmbeddingShape"/>.</remarks>
public sealed class SinusoidalEmbedding : Module<Tensor, Tensor>
{
    private readonly TimeEmbeddingShape _shape;
    private readonly long _half;

    /// <summary>An embedding in an even number of channels.</summary>
    /// <exception cref="ArgumentException">The number of channels is odd, or not above twice the shift.</exception>
    public SinusoidalEmbedding(int channels, TimeEmbeddingShape shape)
        : base(nameof(SinusoidalEmbedding))
    {
        if (channels % 2 != 0 || channels / 2 <= shape.Shift)
            throw new ArgumentException($"{channels} channels; must be even and above twice the shift {shape.Shift}.", nameof(channels));
        (_shape, _half) = (shape, channels / 2);
    }

    /// <summary>Embeds times of shape [N], of any numeric type.</summary>
    public override Tensor forward(Tensor time)
    {
        using var scope = NewDisposeScope();
        var index = arange(_half, float64, time.device);
        var frequency = exp(index * (-Log(10000) / (_half - _shape.Shift)));
        var angle = time.to(float64).unsqueeze(1) * frequency.unsqueeze(0);  // [N, half]
        var (sine, cosine) = (sin(angle), cos(angle));
        var embedding = _shape.Order == FrequencyOrder.SineFirst ? cat([sine, cosine], 1) : cat([cosine, sine], 1);
        return embedding.MoveToOuterDisposeScope();
    }
}
