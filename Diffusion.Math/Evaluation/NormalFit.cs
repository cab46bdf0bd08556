using System.Collections.Immutable;
using Diffusion.Math.Numerics;

namespace Diffusion.Math.Evaluation;

/// <summary>By what the scatter is divided to give a covariance.</summary>
public enum Divisor
{
    /// <summary>n - 1: unbiased, NumPy's cov and every FID tool.</summary>
    CountLessOne,

    /// <summary>n: maximum likelihood.</summary>
    Count,
}

/// <summary>The normal distribution fitted to a set of features: all that a Fréchet distance sees of them.</summary>
public sealed record NormalFit
{
    private readonly ImmutableArray<double> _mean;

    /// <summary>A distribution known by mean and covariance, from however many features.</summary>
    /// <exception cref="ArgumentException">The mean has another dimension than the covariance, or is not finite; or a negative
    /// variance.</exception>
    public NormalFit(ReadOnlySpan<double> mean, SymmetricMatrix covariance)
    {
        ArgumentNullException.ThrowIfNull(covariance);
        _mean = FeatureStatistics.CheckedMean(mean, covariance.Dimension);
        for (var i = 0; i < covariance.Dimension; i++)
            if (covariance[i, i] < 0)
                throw new ArgumentException($"The variance of feature {i} is {covariance[i, i]}.", nameof(covariance));
        Covariance = covariance;
    }

    /// <summary>The mean vector.</summary>
    public ReadOnlySpan<double> Mean => _mean.AsSpan();

    /// <summary>The covariance matrix.</summary>
    public SymmetricMatrix Covariance { get; }

    /// <summary>Length of a feature vector.</summary>
    public int Dimension => Covariance.Dimension;

    /// <summary>How many features were fitted; null where a foreign file does not say.</summary>
    public long? Count { get; init; }

    /// <summary>What the scatter was divided by.</summary>
    public Divisor Divisor { get; init; }

    /// <summary>What the features left behind, to be merged with what others left.</summary>
    /// <exception cref="InvalidOperationException">It is not known how many they were.</exception>
    public FeatureStatistics ToStatistics()
    {
        var count = Count ?? throw new InvalidOperationException("Nobody said how many features were fitted.");
        return FeatureStatistics.Of(count, Mean, Covariance.Scale(Divisor == Divisor.Count ? count : count - 1));
    }

    /// <inheritdoc/>
    public bool Equals(NormalFit? other) =>
        other is not null
            && (Count, Divisor) == (other.Count, other.Divisor) && Mean.SequenceEqual(other.Mean) && Covariance.Equals(other.Covariance);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Count, Divisor, Covariance);
}
