using Diffusion.Math.Values;

namespace Diffusion.Math.Noise;

/// <summary>The distribution of a noisy state given clean data: x_t = Alpha·x_0 + Sigma·ε, ε ~ N(0, I).</summary>
/// <remarks>
/// Ho et al. 2020, Eq. 4, with Alpha = √ᾱ_t and Sigma = √(1 − ᾱ_t). Alpha is never DDPM's α_t = 1 − β_t. Variance-exploding processes
/// have Alpha = 1.
/// </remarks>
/// <param name="Alpha">How much of the data is left; finite and at least 0.</param>
/// <param name="Sigma">Standard deviation of the noise; finite and at least 0.</param>
public readonly record struct Marginal(double Alpha, double Sigma)
{
    /// <summary>No noise at all: x = x_0.</summary>
    public static Marginal Clean { get; } = new(1, 0);

    /// <summary>How much of the data is left; finite and at least 0.</summary>
    public double Alpha { get; init => field = Require.NonNegative(value, nameof(Alpha)); } = Require.NonNegative(Alpha);

    /// <summary>Standard deviation of the noise; finite and at least 0.</summary>
    public double Sigma { get; init => field = Require.NonNegative(value, nameof(Sigma)); } = Require.NonNegative(Sigma);

    /// <summary>The variance-preserving marginal with Alpha² = <paramref name="alphaBar"/>.</summary>
    /// <param name="alphaBar">ᾱ_t of Ho et al. 2020, in [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="alphaBar"/> is outside [0, 1].</exception>
    public static Marginal OfAlphaBar(double alphaBar) =>
        new(Sqrt(Require.Within(alphaBar, 0, 1)), Sqrt(1 - alphaBar));

    /// <summary>The variance-exploding marginal x = x_0 + sigma·ε.</summary>
    public static Marginal OfSigma(double sigma) => new(1, sigma);

    /// <summary>log(Alpha² / Sigma²), from −∞ (pure noise) to +∞ (clean). Kingma et al. 2021, "Variational diffusion models".</summary>
    public double LogSnr => 2 * (Log(Alpha) - Log(Sigma));

    /// <summary>Sigma / Alpha: the noise level after scaling the data to weight 1; +∞ for pure noise.</summary>
    public double NoiseToSignal => Sigma / Alpha;

    /// <summary>√(Alpha² + Sigma²), the factor between this marginal and the variance-preserving one of equal log-SNR.</summary>
    public double Scale => Sqrt(Alpha * Alpha + Sigma * Sigma);

    /// <summary>The variance-preserving marginal of equal log-SNR.</summary>
    public Marginal VariancePreserving => new(Alpha / Scale, Sigma / Scale);

    /// <summary>The log-SNR's inverse: the variance-preserving marginal with log(Alpha²/Sigma²) = <paramref name="logSnr"/>.</summary>
    /// <remarks>Alpha² = sigmoid(λ), Sigma² = sigmoid(−λ). Kingma et al. 2021, Section 3.2.</remarks>
    /// <param name="logSnr">λ, from −∞ to +∞.</param>
    /// <exception cref="ArgumentOutOfRangeException">The log-SNR is NaN.</exception>
    public static Marginal OfLogSnr(double logSnr) => new(Sqrt(1 / (1 + Exp(-logSnr))), Sqrt(1 / (1 + Exp(logSnr))));

    /// <summary>Both numbers; what follows from them is left out.</summary>
    public override string ToString() => FormattableString.Invariant($"(alpha {Alpha}, sigma {Sigma})");
}
