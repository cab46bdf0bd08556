using Diffusion.Math.Numerics;

namespace Diffusion.Math.Likelihood;

/// <summary>
/// The probability that a normal distribution gives to one of the 256 values of a pixel, scaled to [−1, 1]. A closed union.
/// </summary>
/// <remarks>
/// Each value owns the interval of 1/255 to either side; the outermost two own everything beyond. Ho et al. 2020, Eq. 13.
/// </remarks>
public abstract record PixelLikelihood
{
    private const double HalfWidth = 1.0 / 255;

    // Pixels are at least 2/255 apart, so anything beyond is the outermost value.
    private const double Outermost = 0.999;

    // Ho's code and its successors let no probability fall below this.
    private const double Least = 1e-12;

    private PixelLikelihood()
    {
    }

    /// <summary>The logarithm of the probability, in nats; at least ln 10⁻¹².</summary>
    /// <param name="pixel">One of −1, −1 + 2/255, …, 1.</param>
    /// <param name="mean">The distribution's mean.</param>
    /// <param name="logScale">The natural logarithm of its standard deviation.</param>
    public double LogProbability(double pixel, double mean, double logScale)
    {
        var (precision, centred) = (Exp(-logScale), pixel - mean);
        var below = pixel < -Outermost ? double.NegativeInfinity : precision * (centred - HalfWidth);
        var above = pixel > Outermost ? double.PositiveInfinity : precision * (centred + HalfWidth);
        return Log(Max(Probability(below, above), Least));
    }

    /// <summary>The probability of a standard normal number between the two, the lower one first.</summary>
    private protected abstract double Probability(double below, double above);

    /// <summary>With the exact distribution function, differences taken in the nearer tail where no digits are lost.</summary>
    public sealed record Exact : PixelLikelihood
    {
        private protected override double Probability(double below, double above) =>
            below > 0
                ? StandardNormal.Cumulative(-below) - StandardNormal.Cumulative(-above)
                : StandardNormal.Cumulative(above) - StandardNormal.Cumulative(below);
    }

    /// <summary>With ½·(1 + tanh(√(2/π)·(x + 0.044715·x³))) in place of it, as guided-diffusion computes it; up to 3·10⁻⁴ away.</summary>
    /// <remarks>Page 1977, "Approximations to the cumulative normal function and its inverse for use on a pocket calculator".</remarks>
    public sealed record TanhApproximation : PixelLikelihood
    {
        /// <summary>The approximate distribution function.</summary>
        public static double Cumulative(double x) => 0.5 * (1 + Tanh(Sqrt(2 / PI) * (x + 0.044715 * x * x * x)));

        private protected override double Probability(double below, double above) => Cumulative(above) - Cumulative(below);
    }
}
