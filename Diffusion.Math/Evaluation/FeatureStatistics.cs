using System.Collections.Immutable;
using Diffusion.Math.Numerics;

namespace Diffusion.Math.Evaluation;

/// <summary>What a set of feature vectors leaves behind when it is folded batch by batch: how many, their mean, their scatter.</summary>
/// <remarks>
/// A commutative monoid: <see cref="Empty"/> is its unit and <see cref="Merge"/> its operation, so batches, files and machines can be
/// folded in any order. Mean and scatter follow the pairwise update of Chan, Golub and LeVeque 1979, Eq. 2.1, which does not cancel.
/// </remarks>
public sealed record FeatureStatistics
{
    private readonly ImmutableArray<double> _mean;

    private FeatureStatistics(long count, ImmutableArray<double> mean, SymmetricMatrix scatter) =>
        (Count, _mean, Scatter) = (count, mean, scatter);

    /// <summary>Number of feature vectors folded in.</summary>
    public long Count { get; }

    /// <summary>Length of a feature vector.</summary>
    public int Dimension => Scatter.Dimension;

    /// <summary>The mean vector; 0 where nothing was folded in.</summary>
    public ReadOnlySpan<double> Mean => _mean.AsSpan();

    /// <summary>Σ (x - mean)(x - mean)ᵀ.</summary>
    public SymmetricMatrix Scatter { get; }

    /// <summary>The statistics of no vectors at all.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimension"/> is below 1.</exception>
    public static FeatureStatistics Empty(int dimension) =>
        new(0, [.. new double[Max(dimension, 0)]], SymmetricMatrix.Zero(dimension));

    /// <summary>Statistics computed elsewhere.</summary>
    /// <exception cref="ArgumentException">A negative count, a mean of another dimension than the scatter, or one that is not
    /// finite.</exception>
    public static FeatureStatistics Of(long count, ReadOnlySpan<double> mean, SymmetricMatrix scatter)
    {
        ArgumentNullException.ThrowIfNull(scatter);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(count, CheckedMean(mean, scatter.Dimension), scatter);
    }

    /// <summary>The statistics of one batch.</summary>
    public static FeatureStatistics Of(FeatureMatrix batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var (n, d) = (batch.Count, batch.Dimension);
        if (n == 0)
            return Empty(d);
        var mean = new double[d];
        for (var row = 0; row < n; row++)
            Vectors.AddScaled(mean, 1.0 / n, batch.Row(row));
        // Feature by feature rather than vector by vector, so that each entry of the scatter is one inner product.
        var (scatter, centred) = (new double[d * d], new double[d * n]);
        for (var row = 0; row < n; row++)
            for (var i = 0; i < d; i++)
                centred[i * n + row] = batch.Row(row)[i] - mean[i];
        for (var i = 0; i < d; i++)
            for (var j = 0; j <= i; j++)
                scatter[i * d + j] = scatter[j * d + i] = Vectors.Dot(centred.AsSpan(i * n, n), centred.AsSpan(j * n, n));
        return new(n, [.. mean], SymmetricMatrix.Adopt(d, scatter));
    }

    /// <summary>The statistics of both sets of vectors together.</summary>
    /// <exception cref="ArgumentException">The two differ in dimension.</exception>
    public FeatureStatistics Merge(FeatureStatistics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Dimension != other.Dimension)
            throw new ArgumentException(
                $"Features of dimension {other.Dimension} cannot join features of dimension {Dimension}.", nameof(other));
        if (Count == 0 || other.Count == 0)
            return Count == 0 ? other : this;

        var total = (double)(Count + other.Count);
        var (mean, apart) = (new double[Dimension], new double[Dimension]);
        // The square root of the weight goes to each side of the outer product, which keeps it symmetric to the last bit.
        var weight = Sqrt(Count / total * other.Count);
        for (var i = 0; i < Dimension; i++)
            (mean[i], apart[i]) = ((Count * _mean[i] + other.Count * other._mean[i]) / total, weight * (other._mean[i] - _mean[i]));
        var scatter = Scatter.Values.ToArray();
        Vectors.AddScaled(scatter, 1, other.Scatter.Values);
        for (var i = 0; i < Dimension; i++)
            Vectors.AddScaled(scatter.AsSpan(i * Dimension, Dimension), apart[i], apart);
        return new(Count + other.Count, [.. mean], SymmetricMatrix.Adopt(Dimension, scatter));
    }

    /// <summary>The normal distribution with this mean and covariance.</summary>
    /// <exception cref="InvalidOperationException">Too few vectors for the divisor: the covariance is undefined.</exception>
    public NormalFit Fit(Divisor divisor = Divisor.CountLessOne)
    {
        var divideBy = divisor == Divisor.Count ? Count : Count - 1;
        if (divideBy < 1)
            throw new InvalidOperationException($"{Count} feature vectors have no covariance with divisor {divisor}.");
        return new NormalFit(Mean, Scatter.Scale(1.0 / divideBy)) { Count = Count, Divisor = divisor };
    }

    /// <inheritdoc/>
    public bool Equals(FeatureStatistics? other) =>
        other is not null && Count == other.Count && Mean.SequenceEqual(other.Mean) && Scatter.Equals(other.Scatter);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Count, Scatter);

    internal static ImmutableArray<double> CheckedMean(ReadOnlySpan<double> mean, int dimension)
    {
        if (mean.Length != dimension)
            throw new ArgumentException($"A mean of {mean.Length} entries stands beside a {dimension}x{dimension} matrix.", nameof(mean));
        foreach (var value in mean)
            if (!double.IsFinite(value))
                throw new ArgumentException($"The mean holds {value}.", nameof(mean));
        return [.. mean];
    }
}
