namespace Diffusion.Math.Likelihood;

/// <summary>A normal distribution of one number, by its mean and the logarithm of its variance.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="LogVariance">The natural logarithm of the variance.</param>
public readonly record struct Normal(double Mean, double LogVariance)
{
    /// <summary>Mean 0 and variance 1.</summary>
    public static Normal Standard { get; } = new(0, 0);

    /// <summary>KL(this ‖ other), in nats: ½·(log σ₂² − log σ₁² − 1 + σ₁²/σ₂² + (μ₁ − μ₂)²/σ₂²).</summary>
    public double DivergenceFrom(Normal other)
    {
        var difference = Mean - other.Mean;
        var distance = difference * difference * Exp(-other.LogVariance);
        return (other.LogVariance - LogVariance - 1 + Exp(LogVariance - other.LogVariance) + distance) / 2;
    }
}
