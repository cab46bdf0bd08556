using Diffusion.Math.Values;

namespace Diffusion.Math.Plans;

/// <summary>The threshold of dynamic thresholding: a quantile of absolute values, limited to [1, Ceiling].</summary>
/// <remarks>The quantile of n sorted numbers is interpolated linearly at position Fraction·(n − 1), as NumPy and torch do.</remarks>
/// <param name="Fraction">Which quantile, in [0, 1]; 0.995 where a few outliers may saturate.</param>
/// <param name="Ceiling">The largest threshold; finite and at least 1. At 1 this is clipping to [−1, 1].</param>
public readonly record struct Quantile(double Fraction, double Ceiling)
{
    /// <summary>Which quantile, in [0, 1].</summary>
    public double Fraction { get; init => field = Require.Within(value, 0, 1, nameof(Fraction)); } = Require.Within(Fraction, 0.0, 1.0);

    /// <summary>The largest threshold; finite and at least 1.</summary>
    public double Ceiling { get; init => field = Require.Within(value, 1, double.MaxValue, nameof(Ceiling)); } =
        Require.Within(Ceiling, 1.0, double.MaxValue);

    /// <summary>The threshold of one sample.</summary>
    /// <param name="sample">The sample's numbers; at least one.</param>
    public double Of(ReadOnlySpan<double> sample)
    {
        var sorted = new double[sample.Length];
        for (var index = 0; index < sorted.Length; index++)
            sorted[index] = Abs(sample[index]);
        Array.Sort(sorted);
        var position = Fraction * (sorted.Length - 1);
        var below = (int)Floor(position);
        var above = Min(below + 1, sorted.Length - 1);
        return Clamp(sorted[below] + (position - below) * (sorted[above] - sorted[below]), 1, Ceiling);
    }
}
