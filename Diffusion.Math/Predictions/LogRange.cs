using Diffusion.Math.Values;

namespace Diffusion.Math.Predictions;

/// <summary>A factor that a network chooses number by number: exp((1 − fraction)·AtZero + fraction·AtOne).</summary>
/// <remarks>Nichol and Dhariwal 2021, "Improved denoising diffusion probabilistic models", Eq. 15, for the standard deviation.</remarks>
/// <param name="AtZero">Logarithm of the factor where the fraction is 0; finite.</param>
/// <param name="AtOne">Logarithm of the factor where the fraction is 1; finite.</param>
public readonly record struct LogRange(double AtZero, double AtOne)
{
    /// <summary>Logarithm of the factor where the fraction is 0; finite.</summary>
    public double AtZero { get; init => field = Require.Finite(value, nameof(AtZero)); } = Require.Finite(AtZero);

    /// <summary>Logarithm of the factor where the fraction is 1; finite.</summary>
    public double AtOne { get; init => field = Require.Finite(value, nameof(AtOne)); } = Require.Finite(AtOne);

    /// <summary>The factor at <paramref name="fraction"/>.</summary>
    public double FactorAt(double fraction) => Exp((1 - fraction) * AtZero + fraction * AtOne);
}
