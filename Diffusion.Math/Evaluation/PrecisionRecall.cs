namespace Diffusion.Math.Evaluation;

/// <summary>
/// How two sets of features cover each other, by balls around each that reach to its k-th nearest neighbour in its own set.
/// </summary>
/// <param name="Precision">Share of the samples inside some ball of the references. In [0, 1].</param>
/// <param name="Recall">Share of the references inside some ball of the samples. In [0, 1].</param>
/// <param name="Density">Mean number of reference balls that a sample is inside of, divided by k. At least 0, may exceed 1.</param>
/// <param name="Coverage">Share of the reference balls that hold a sample. In [0, 1].</param>
/// <remarks>
/// Precision and recall: Kynkäänniemi et al. 2019, Eq. 1 and 2. Density and coverage: Naeem et al. 2020, Eq. 4 and 5. A vector is not
/// its own neighbour; a ball holds its surface.
/// </remarks>
public readonly record struct PrecisionRecall(double Precision, double Recall, double Density, double Coverage)
{
    /// <summary>k of the first paper, which torch-fidelity takes, too.</summary>
    public const int UsualNeighbour = 3;

    /// <summary>Compares <paramref name="samples"/> with <paramref name="references"/>.</summary>
    /// <param name="references">Features of the real images.</param>
    /// <param name="samples">Features of the samples.</param>
    /// <param name="neighbour">k: which neighbour a ball reaches to. 3 in the first paper, 5 in the second.</param>
    /// <exception cref="ArgumentException">The sets differ in dimension, or one holds no more than k vectors.</exception>
    public static PrecisionRecall Between<TFeatures>(TFeatures references, TFeatures samples, int neighbour)
        where TFeatures : IFeatures<TFeatures>
    {
        if (references.Dimension != samples.Dimension)
            throw new ArgumentException(
                $"Features of dimension {references.Dimension} and {samples.Dimension} cannot be compared.", nameof(samples));
        var referenceRadii = SquaredRadii(references, neighbour);
        var sampleRadii = SquaredRadii(samples, neighbour);
        var sampleInside = new int[samples.Count];
        var (covered, recalled) = (0, 0);
        var distances = new double[samples.Count * Min(references.Count, Blocks.Rows)];
        foreach (var (start, count) in Blocks.Of(references.Count))
        {
            references.SquaredDistances(start, samples, distances.AsSpan(0, count * samples.Count));
            for (var i = 0; i < count; i++)
            {
                var (holds, held) = (false, false);
                for (var j = 0; j < sampleInside.Length; j++)
                {
                    var distance = distances[i * sampleInside.Length + j];
                    held |= distance <= sampleRadii[j];
                    if (distance > referenceRadii[start + i])
                        continue;
                    holds = true;
                    sampleInside[j]++;
                }
                covered += holds ? 1 : 0;
                recalled += held ? 1 : 0;
            }
        }
        return new(
            Precision: sampleInside.Count(inside => inside > 0) / (double)samples.Count,
            Recall: recalled / (double)references.Count,
            Density: sampleInside.Sum(inside => (long)inside) / ((double)neighbour * samples.Count),
            Coverage: covered / (double)references.Count);
    }

    /// <summary>For each vector the squared distance to its k-th nearest neighbour among the others of the same set.</summary>
    /// <exception cref="ArgumentException">k is below 1, or the set holds no more than k vectors.</exception>
    public static double[] SquaredRadii<TFeatures>(TFeatures features, int neighbour)
        where TFeatures : IFeatures<TFeatures>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(neighbour, 1);
        if (features.Count <= neighbour)
            throw new ArgumentException($"Neighbour number {neighbour} does not exist among {features.Count} vectors.", nameof(features));
        var (n, radii) = (features.Count, new double[features.Count]);
        var distances = new double[n * Min(n, Blocks.Rows)];
        foreach (var (start, count) in Blocks.Of(n))
        {
            features.SquaredDistances(start, features, distances.AsSpan(0, count * n));
            for (var i = 0; i < count; i++)
            {
                var row = distances.AsSpan(i * n, n);
                row[start + i] = double.PositiveInfinity;
                radii[start + i] = Smallest(row, neighbour);
            }
        }
        return radii;
    }

    // The k-th smallest, counted from 1; k is small, so the k best so far are kept in order.
    private static double Smallest(ReadOnlySpan<double> values, int k)
    {
        var best = new double[k];
        Array.Fill(best, double.PositiveInfinity);
        foreach (var value in values)
        {
            if (value >= best[^1])
                continue;
            var place = k - 1;
            for (; place > 0 && best[place - 1] > value; place--)
                best[place] = best[place - 1];
            best[place] = value;
        }
        return best[^1];
    }
}
