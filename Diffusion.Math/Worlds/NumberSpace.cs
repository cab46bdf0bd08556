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
    public double[] Weigh(ReadOnlySpan<double[]> vectors, SampleRule rule)
    {
        // [vector][sample], each of SampleSize numbers.
        double[][][] parts = [.. vectors.ToArray().Select(vector => vector.Chunk(SampleSize).ToArray())];
        return [.. Enumerable.Range(0, parts[0].Length).SelectMany(sample => Weighed([.. parts.Select(vector => vector[sample])], rule))];
    }

    private static double[] Weighed(double[][] vectors, SampleRule rule)
    {
        static double Product(double[] one, double[] other) => one.Zip(other, (a, b) => a * b).Sum();
        var weights = rule.WeightsOf(new(vectors[0].Length, [.. vectors.Select(vector => vector.Sum())],
            [.. vectors.SelectMany(one => vectors.Select(other => Product(one, other)))]));
        var sum = new double[vectors[0].Length];
        foreach (var (vector, weight) in vectors.Zip(weights))
            for (var index = 0; index < sum.Length; index++)
                sum[index] += weight * vector[index];
        return sum;
    }

    /// <inheritdoc/>
    public double[] Modulate(double[] vector, double[] fraction, LogRange range) =>
        [.. vector.Zip(fraction, (value, at) => value * range.FactorAt(at))];
}
