using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Search;

namespace Diffusion.Math.Worlds;

/// <summary>Batches of numbers in one flat array, sample after sample.</summary>
/// <param name="SampleSize">How many numbers a sample has.</param>
public sealed record NumberSpace(int SampleSize) : IInnerProducts<double[]>
{
    /// <inheritdoc/>
    public double[] Combine(ReadOnlySpan<Weighted<double[]>> terms)
    {
        var sum = new double[terms[0].Vector.Length];
        foreach (var (weight, vector) in terms)
        {
            for (var index = 0; index < sum.Length; index++)
                sum[index] += weight * vector[index];
        }
        return sum;
    }

    /// <inheritdoc/>
    public double[] Inner(double[] left, double[] right) =>
        [.. left.Zip(right, (first, second) => first * second).Chunk(SampleSize).Select(sample => sample.Sum())];

    /// <inheritdoc/>
    public double[] Clip(double[] vector, double bound) => [.. vector.Select(value => Clamp(value, -bound, bound))];

    /// <inheritdoc/>
    public double[] Threshold(double[] vector, Quantile quantile) =>
    [
        .. vector.Chunk(SampleSize).SelectMany(sample =>
        {
            var bound = quantile.Of(sample);
            return sample.Select(value => Clamp(value, -bound, bound) / bound);
        }),
    ];

    /// <inheritdoc/>
    public double[] Modulate(double[] vector, double[] fraction, LogRange range) =>
        [.. vector.Zip(fraction, (value, at) => value * range.FactorAt(at))];
}
