using Diffusion.Math.Values;

namespace Diffusion.Math.Numerics;

/// <summary>The normal distribution with mean 0 and variance 1.</summary>
public static class StandardNormal
{
    /// <summary>The density e^(−x²/2)/√(2π).</summary>
    public static double Density(double x) => Exp(-x * x / 2) / Sqrt(Tau);

    /// <summary>The probability of a number below <paramref name="x"/>, accurate in both tails.</summary>
    public static double Cumulative(double x) => Special.Erfc(-x / Sqrt(2)) / 2;

    /// <summary>
    /// The number below which the probability is <paramref name="probability"/>; the inverse of <see cref="Cumulative"/>.
    /// </summary>
    /// <remarks>
    /// A rough start (Abramowitz and Stegun 1964, 26.2.23, within 5·10⁻⁴) and then Halley's iteration, which triples the digits.
    /// </remarks>
    /// <param name="probability">In (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is outside (0, 1).</exception>
    public static double Quantile(double probability)
    {
        if (Require.Between(probability, 0, 1) > 0.5)
            return -Quantile(1 - probability);
        var t = Sqrt(-2 * Log(probability));
        var x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
        for (var iteration = 0; iteration < 2; iteration++)
        {
            var newton = (Cumulative(x) - probability) / Density(x);
            x -= newton / (1 + x * newton / 2);
        }
        return x;
    }
}
