namespace Diffusion.Math.Evaluation;

/// <summary>The squared maximum mean discrepancy of two feature sets under a polynomial kernel.</summary>
/// <param name="Unbiased">Without the pairs of a vector with itself; may be negative.</param>
/// <param name="Biased">With them; never negative but for rounding.</param>
/// <remarks>
/// Gretton et al. 2012, Eq. 3 and 5. With the cubic kernel on Inception features: the KID of Bińkowski et al. 2018, section 4.
/// </remarks>
public readonly record struct KernelDistance(double Unbiased, double Biased)
{
    /// <summary>The distance of two whole sets, which may differ in size.</summary>
    /// <exception cref="ArgumentException">The sets differ in dimension or hold fewer than two vectors.</exception>
    public static KernelDistance Between<TFeatures>(TFeatures first, TFeatures second, PolynomialKernel kernel)
        where TFeatures : IFeatures<TFeatures>
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (first.Dimension != second.Dimension)
            throw new ArgumentException(
                $"Features of dimension {first.Dimension} and {second.Dimension} have no distance.", nameof(second));
        ArgumentOutOfRangeException.ThrowIfLessThan(first.Count, 2, nameof(first));
        ArgumentOutOfRangeException.ThrowIfLessThan(second.Count, 2, nameof(second));

        var (within1, self1) = Sums(first, first, kernel);
        var (within2, self2) = Sums(second, second, kernel);
        var (m, n) = ((double)first.Count, (double)second.Count);
        var across = 2 * Sums(first, second, kernel).All / (m * n);
        return new(
            Unbiased: (within1 - self1) / (m * (m - 1)) + (within2 - self2) / (n * (n - 1)) - across,
            Biased: within1 / (m * m) + within2 / (n * n) - across);
    }

    /// <summary>The distances of the prescribed subsets, in order.</summary>
    public static IReadOnlyList<KernelDistance> OverSubsets<TFeatures>(
        TFeatures first, TFeatures second, PolynomialKernel kernel, IEnumerable<SubsetPair> subsets)
        where TFeatures : IFeatures<TFeatures>
    {
        ArgumentNullException.ThrowIfNull(subsets);
        return [.. subsets.Select(subset =>
        {
            var (one, other) = (first.Pick(subset.First.Span), second.Pick(subset.Second.Span));
            using var releasesOne = one as IDisposable;
            using var releasesOther = other as IDisposable;
            return Between(one, other, kernel);
        })];
    }

    // The sum over all pairs, and over the pairs (i, i).
    private static (double All, double Diagonal) Sums<TFeatures>(TFeatures rows, TFeatures columns, PolynomialKernel kernel)
        where TFeatures : IFeatures<TFeatures>
    {
        var (all, diagonal, dimension) = (0.0, 0.0, rows.Dimension);
        var products = new double[columns.Count * Min(rows.Count, Blocks.Rows)];
        foreach (var (start, count) in Blocks.Of(rows.Count))
        {
            var block = products.AsSpan(0, count * columns.Count);
            rows.Products(start, columns, block);
            foreach (ref var product in block)
                all += product = kernel.Of(product, dimension);
            for (var i = 0; i < count && start + i < columns.Count; i++)
                diagonal += block[i * columns.Count + start + i];
        }
        return (all, diagonal);
    }
}

/// <summary>k(x, y) = (Gamma x·y + Offset)^Degree.</summary>
/// <param name="Degree">A whole number, 3 by default.</param>
/// <param name="Offset">1 by default.</param>
/// <param name="Gamma">Null, the default, means 1 / dimension.</param>
/// <remarks>The defaults are the kernel of Bińkowski et al. 2018, section 4.</remarks>
public sealed record PolynomialKernel(int Degree = 3, double Offset = 1, double? Gamma = null)
{
    /// <summary>The kernel of two vectors whose inner product is <paramref name="product"/>.</summary>
    public double Of(double product, int dimension)
    {
        var value = (Gamma ?? 1.0 / dimension) * product + Offset;
        return Degree == 3 ? value * value * value : Pow(value, Degree);
    }
}

/// <summary>Which vectors of each set are compared.</summary>
/// <param name="First">Indices into the first set.</param>
/// <param name="Second">Indices into the second set.</param>
public readonly record struct SubsetPair(ReadOnlyMemory<int> First, ReadOnlyMemory<int> Second);
