using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;

namespace Diffusion.Math.Worlds;

/// <summary>
/// A random number as an affine function of independent standard normal draws: Mean + Σ coefficient·z_k. Running a plan over these gives
/// the exact distribution of its result, without sampling.
/// </summary>
/// <param name="Mean">The expected value.</param>
/// <param name="Coefficients">The weight of each draw, by its number.</param>
public sealed record Affine(double Mean, IReadOnlyDictionary<int, double> Coefficients)
{
    /// <summary>One of the draws itself, N(0, 1). Different numbers are independent.</summary>
    public static Affine Draw(int number) => new(0, new Dictionary<int, double> { [number] = 1 });

    /// <summary>The variance: the sum of the squared coefficients.</summary>
    public double Variance => Coefficients.Values.Sum(coefficient => coefficient * coefficient);

    /// <summary>The standard deviation.</summary>
    public double Sigma => Sqrt(Variance);

    /// <summary>A constant plus a linear combination.</summary>
    public static Affine Combine(double constant, params ReadOnlySpan<Weighted<Affine>> terms)
    {
        var (mean, coefficients) = (constant, new Dictionary<int, double>());
        foreach (var (weight, vector) in terms)
        {
            mean += weight * vector.Mean;
            foreach (var (number, coefficient) in vector.Coefficients)
                coefficients[number] = coefficients.GetValueOrDefault(number) + weight * coefficient;
        }
        return new(mean, coefficients);
    }
}

/// <summary>
/// Data that is N(Mean, Sigma²). Its exact denoiser is affine, so the result of a plan without clipping has a closed form.
/// </summary>
/// <remarks>Use it to check a sampler without a network: run the plan and compare the mean and variance with those of the data.</remarks>
/// <param name="Mean">The mean of the data.</param>
/// <param name="Sigma">The standard deviation of the data; 0 is a single point.</param>
public sealed record GaussianWorld(double Mean, double Sigma) : IVectorSpace<Affine>, IDenoiser<Affine>, INoiseSource<Affine>
{
    /// <summary>The exact distribution of what the plan ends at.</summary>
    /// <exception cref="NotSupportedException">The plan clips, thresholds or has a learned variance: the result is not
    /// Gaussian.</exception>
    public Affine Run(SamplerPlan plan) => new Interpreter<Affine>(this, this, this).Run(plan);

    /// <inheritdoc/>
    public Affine Combine(ReadOnlySpan<Weighted<Affine>> terms) => Affine.Combine(0, terms);

    /// <summary>Never possible.</summary>
    /// <exception cref="NotSupportedException">Always: a clipped Gaussian is not Gaussian.</exception>
    public Affine Clip(Affine vector, double bound) => throw new NotSupportedException("A clipped Gaussian is not Gaussian.");

    /// <summary>Never possible.</summary>
    /// <exception cref="NotSupportedException">Always: a clipped Gaussian is not Gaussian.</exception>
    public Affine Threshold(Affine vector, Quantile quantile) => throw new NotSupportedException("A clipped Gaussian is not Gaussian.");

    /// <summary>Never possible.</summary>
    /// <exception cref="NotSupportedException">Always: a Gaussian that is weighed by its own size is not Gaussian.</exception>
    public Affine Weigh(ReadOnlySpan<Affine> vectors, SampleRule rule) =>
        throw new NotSupportedException("A Gaussian that is weighed by its own size is not Gaussian.");

    /// <summary>Never possible.</summary>
    /// <exception cref="NotSupportedException">Always: Gaussian noise of a random variance is not Gaussian.</exception>
    public Affine Modulate(Affine vector, Affine fraction, LogRange range) =>
        throw new NotSupportedException("Gaussian noise of a random variance is not Gaussian.");

    /// <inheritdoc/>
    public Affine Draw(int number) => Affine.Draw(number);

    /// <summary>E[x_0 | x] of jointly normal x_0 and x = alpha·x_0 + sigma·ε.</summary>
    public Affine Denoise(Affine state, NoiseLevel level)
    {
        var (alpha, sigma) = (level.Marginal.Alpha, level.Marginal.Sigma);
        var gain = alpha * Sigma * Sigma / (alpha * alpha * Sigma * Sigma + sigma * sigma);
        return Affine.Combine(Mean - gain * alpha * Mean, new Weighted<Affine>(gain, state));
    }
}
