using Diffusion.Math.Values;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The sines and cosines of times: [N] → [N, channels], in double precision.</summary>
/// <remarks>Double, because a float32 angle of 1000 is already off by 3e-5. See <see cref="TimeEmbeddingShape"/>.</remarks>
public sealed class SinusoidalEmbedding : Module<Tensor, Tensor>
{
    private readonly int _channels;
    private readonly TimeEmbeddingShape _shape;

    /// <summary>An embedding in <paramref name="channels"/> channels, of which an odd last one is always zero.</summary>
    /// <exception cref="ArgumentException">There are no more frequencies than the shift takes away.</exception>
    public SinusoidalEmbedding(int channels, TimeEmbeddingShape shape)
        : base(nameof(SinusoidalEmbedding))
    {
        if (shape.Frequencies is null && channels / 2 <= shape.Shift)
            throw new ArgumentException($"{channels} channels hold too few frequencies for a shift of {shape.Shift}.", nameof(channels));
        (_channels, _shape) = (channels, shape);
    }

    /// <summary>Embeds times of shape [N], of any numeric type.</summary>
    public override Tensor forward(Tensor time)
    {
        using var scope = NewDisposeScope();
        var half = _channels / 2;
        var frequency = (_shape.Frequencies is { } given ? Vector(given, time.device)
            : exp(Number.Range(0, half, float64, time.device).Times(-Log(10000) / (half - _shape.Shift)))).Times(_shape.Scale);
        var angle = time.to(float64).unsqueeze(1) * frequency.unsqueeze(0);  // [N, half], or [N, channels] with phases
        if (_shape.Phases is { } phases)
            return cos(angle.Plus(Vector(phases, time.device))).mul_(Number.Of(Sqrt(2))).MoveToOuterDisposeScope();
        var (sine, cosine) = (sin(angle), cos(angle));
        var embedding = _shape.Order == FrequencyOrder.SineFirst ? cat([sine, cosine], 1) : cat([cosine, sine], 1);
        return (_channels % 2 == 0 ? embedding : functional.pad(embedding, [0, 1])).MoveToOuterDisposeScope();
    }

    private static Tensor Vector(Sequence<double> numbers, Device device) => tensor(numbers.ToArray(), float64).to(device);
}
