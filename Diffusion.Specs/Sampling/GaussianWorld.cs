using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Sampling;

namespace Diffusion.Specs.Sampling;

/// <summary>
/// A random number as an affine function of independent standard normal draws: Mean + Σ coefficient·z_k. Running a plan over these gives
/// the exact distribution of its result, without sampling.
/// </summary>
public sealed record Affine(double Mean, IReadOnlyDictionary<int, double> Coefficients)
{
    public static Affine Draw(int number) => new(0, new Dictionary<int, double> { [number] = 1 });

    public double Variance => Coefficients.Values.Sum(coefficient => coefficient * coefficient);

    public double Sigma => Sqrt(Variance);

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

/// <summary>Data that is N(Mean, Sigma²): the exact denoiser is affine, so plans without limits have a closed form.</summary>
public sealed record GaussianWorld(double Mean, double Sigma) : IVectorSpace<Affine>, IDenoiser<Affine>, INoiseSource<Affine>
{
    public Affine Run(SamplerPlan plan) => new Interpreter<Affine>(this, this, this).Run(plan);

    public Affine Combine(ReadOnlySpan<Weighted<Affine>> terms) => Affine.Combine(0, terms);

    public Affine Clip(Affine vector, double bound) => throw new NotSupportedException("A clipped Gaussian is not Gaussian.");

    public Affine Threshold(Affine vector, Quantile quantile) => throw new NotSupportedException("A clipped Gaussian is not Gaussian.");

    public Affine Modulate(Affine vector, Affine fraction, LogRange range) =>
        throw new NotSupportedException("Gaussian noise of a random variance is not Gaussian.");

    public Affine Draw(int number) => Affine.Draw(number);

    // E[x_0 | x] of jointly normal x_0 and x = alpha·x_0 + sigma·ε.
    public Affine Denoise(Affine state, NoiseLevel level)
    {
        var (alpha, sigma) = (level.Marginal.Alpha, level.Marginal.Sigma);
        var gain = alpha * Sigma * Sigma / (alpha * alpha * Sigma * Sigma + sigma * sigma);
        return Affine.Combine(Mean - gain * alpha * Mean, new Weighted<Affine>(gain, state));
    }
}
