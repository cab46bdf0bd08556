using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

/// <summary>Noise that is added before each step and removed by it: σ̂ = (1 + γ)·σ. Karras et al. 2022, Algorithm 2.</summary>
/// <param name="Amount">S_churn, shared out over the steps: γ = min(Amount/steps, √2 − 1); at least 0. 0 is none.</param>
/// <param name="From">S_tmin, the smallest sigma that is churned; at least 0.</param>
/// <param name="To">S_tmax, the largest sigma that is churned.</param>
/// <param name="NoiseScale">S_noise, the deviation of the noise; slightly above 1 makes up for detail that a network loses.</param>
public sealed record Churn(double Amount, double From = 0, double To = double.MaxValue, double NoiseScale = 1)
{
    /// <summary>None.</summary>
    public static Churn None { get; } = new(0);

    /// <summary>S_churn; at least 0.</summary>
    public double Amount { get; init => field = Require.NonNegative(value, nameof(Amount)); } = Require.NonNegative(Amount);

    /// <summary>S_tmin; at least 0.</summary>
    public double From { get; init => field = Require.NonNegative(value, nameof(From)); } = Require.NonNegative(From);

    /// <summary>S_tmax; finite and at least 0.</summary>
    public double To { get; init => field = Require.NonNegative(value, nameof(To)); } = Require.NonNegative(To);

    /// <summary>S_noise; above 0.</summary>
    public double NoiseScale { get; init => field = Require.Positive(value, nameof(NoiseScale)); } = Require.Positive(NoiseScale);

    /// <summary>γ at a sigma, in a plan of <paramref name="steps"/> steps.</summary>
    public double GrowthAt(double sigma, int steps) => sigma >= From && sigma <= To ? Min(Amount / steps, Sqrt(2) - 1) : 0;
}
