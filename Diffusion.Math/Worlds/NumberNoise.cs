using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.Worlds;

/// <summary>Independent standard normal numbers for every draw.</summary>
/// <param name="Seed">What they follow from.</param>
/// <param name="Count">How many numbers a draw has.</param>
public sealed record NumberNoise(Seed Seed, int Count) : INoiseSource<double[]>
{
    /// <inheritdoc/>
    public double[] Draw(int number)
    {
        var (stream, noise) = (Seed.For(number), new double[Count]);
        for (var index = 0; index < Count; index++)
            noise[index] = stream.Normal(index);
        return noise;
    }
}
