using System.Collections.Immutable;

namespace Diffusion.Math.Evaluation;

/// <summary>What one part of the images adds to an Inception Score; a commutative monoid, so images are folded as they come.</summary>
/// <remarks>
/// Salimans et al. 2016, section 4: exp(E KL(p(y|x) ‖ p(y))). Since the mean of KL(p ‖ q) over a part whose own mean is q equals
/// mean Σ p log p - Σ q log q, two sums suffice and no probability has to be kept.
/// </remarks>
public sealed record InceptionScore
{
    private readonly ImmutableArray<double> _probabilities;
    private readonly double _negentropies;

    private InceptionScore(long count, ImmutableArray<double> probabilities, double negentropies) =>
        (Count, _probabilities, _negentropies) = (count, probabilities, negentropies);

    /// <summary>Number of images folded in.</summary>
    public long Count { get; }

    /// <summary>The score: between 1 and the number of classes. NaN where there are no images.</summary>
    public double Value
    {
        get
        {
            var sum = _negentropies / Count;
            foreach (var probability in _probabilities)
                sum -= TimesLog(probability / Count);
            return Exp(sum);
        }
    }

    /// <summary>The score of no images.</summary>
    public static InceptionScore Empty(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        return new(0, [.. new double[classes]], 0);
    }

    /// <summary>One image more, given by its class logits; they are normalised here.</summary>
    /// <exception cref="ArgumentException">Another number of classes, or a logit that is not finite.</exception>
    public InceptionScore Add(ReadOnlySpan<double> logits)
    {
        if (logits.Length != _probabilities.Length)
            throw new ArgumentException($"{logits.Length} logits given, {_probabilities.Length} expected.", nameof(logits));
        var (largest, total) = (double.NegativeInfinity, 0.0);
        foreach (var logit in logits)
            largest = double.IsFinite(logit) ? Max(largest, logit) : throw new ArgumentException($"A logit is {logit}.", nameof(logits));
        foreach (var logit in logits)
            total += Exp(logit - largest);
        var (probabilities, negentropy) = (new double[logits.Length], 0.0);
        for (var i = 0; i < logits.Length; i++)
        {
            var log = logits[i] - largest - Log(total);
            negentropy += Exp(log) * log;
            probabilities[i] = _probabilities[i] + Exp(log);
        }
        return new(Count + 1, [.. probabilities], _negentropies + negentropy);
    }

    /// <summary>The score of the images of both.</summary>
    /// <exception cref="ArgumentException">The two differ in the number of classes.</exception>
    public InceptionScore Merge(InceptionScore other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (_probabilities.Length != other._probabilities.Length)
            throw new ArgumentException($"{other._probabilities.Length} classes cannot join {_probabilities.Length}.", nameof(other));
        return new(
            Count + other.Count,
            [.. _probabilities.Zip(other._probabilities, (first, second) => first + second)],
            _negentropies + other._negentropies);
    }

    /// <inheritdoc/>
    public bool Equals(InceptionScore? other) =>
        other is not null
            && (Count, _negentropies) == (other.Count, other._negentropies) && _probabilities.SequenceEqual(other._probabilities);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Count, _negentropies);

    private static double TimesLog(double probability) => probability > 0 ? probability * Log(probability) : 0;
}
