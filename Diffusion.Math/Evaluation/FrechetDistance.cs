using Diffusion.Math.Numerics;

namespace Diffusion.Math.Evaluation;

/// <summary>The squared Fréchet (2-Wasserstein) distance of two normal distributions, term by term.</summary>
/// <param name="Means">|mean1 - mean2|².</param>
/// <param name="FirstTrace">Tr Σ1.</param>
/// <param name="SecondTrace">Tr Σ2.</param>
/// <param name="Root">Tr (Σ1 Σ2)^½.</param>
/// <remarks>
/// Dowson and Landau 1982, Eq. 4. On features of the FID Inception network: the FID of Heusel et al. 2017, Eq. 6. The name FID belongs
/// to those weights alone; on other features this is a Fréchet distance and no more.
/// </remarks>
public readonly record struct FrechetDistance(double Means, double FirstTrace, double SecondTrace, RootTrace Root)
{
    /// <summary>|mean1 - mean2|² + Tr (Σ1 + Σ2 - 2 (Σ1 Σ2)^½). Rounding can make it slightly negative; it is reported as it is.</summary>
    public double Value => Means + FirstTrace + SecondTrace - 2 * Root.Value;

    /// <summary>The distance, with the trace of the root in plain C#.</summary>
    /// <exception cref="ArgumentException">The two differ in dimension.</exception>
    public static FrechetDistance Between(NormalFit first, NormalFit second) => Between(first, second, RootTrace.Of);

    /// <summary>The distance, with the trace of the root by <paramref name="rootTrace"/>.</summary>
    /// <exception cref="ArgumentException">The two differ in dimension.</exception>
    public static FrechetDistance Between(NormalFit first, NormalFit second, RootTraceFunction rootTrace)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(rootTrace);
        if (first.Dimension != second.Dimension)
            throw new ArgumentException(
                $"Features of dimension {first.Dimension} and {second.Dimension} have no distance.", nameof(second));
        return new(
            Vectors.SquaredDistance(first.Mean, second.Mean),
            first.Covariance.Trace,
            second.Covariance.Trace,
            rootTrace(first.Covariance, second.Covariance));
    }
}
