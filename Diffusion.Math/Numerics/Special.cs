namespace Diffusion.Math.Numerics;

/// <summary>Functions that the runtime lacks, accurate to a few units in the fourteenth digit over their whole range.</summary>
public static class Special
{
    // Below, the series of erf needs few terms; above, the continued fraction of erfc does.
    private const double Crossover = 1.5;

    /// <summary>e^x − 1, without the loss of digits near 0.</summary>
    /// <remarks>2·tanh(x/2)/(1 − tanh(x/2)).</remarks>
    public static double Expm1(double x)
    {
        if (Abs(x) > 1)
            return Exp(x) - 1;
        var tangent = Tanh(x / 2);
        return 2 * tangent / (1 - tangent);
    }

    /// <summary>log(1 + x), without the loss of digits near 0; −∞ at −1.</summary>
    /// <remarks>Goldberg 1991, "What every computer scientist should know about floating-point arithmetic", Theorem 4.</remarks>
    public static double Log1p(double x)
    {
        var sum = 1 + x;
        return sum == 1 ? x : double.IsInfinity(sum) ? sum : Log(sum) * (x / (sum - 1));
    }

    /// <summary>The error function 2/√π·∫₀ˣ e^(−t²) dt.</summary>
    public static double Erf(double x) => Abs(x) < Crossover ? ErfSeries(x) : Sign(x) * (1 - ErfcFraction(Abs(x)));

    /// <summary>1 − erf(x), accurate also where it is tiny.</summary>
    public static double Erfc(double x) =>
        x >= Crossover ? ErfcFraction(x) : x <= -Crossover ? 2 - ErfcFraction(-x) : 1 - ErfSeries(x);

    // e^(−x²)·2/√π·Σ 2ⁿ·x^(2n+1)/(2n + 1)!!: no term cancels another. Abramowitz and Stegun 1964, 7.1.6.
    private static double ErfSeries(double x)
    {
        var (term, sum) = (x, x);
        for (var n = 1; Abs(term) > 1e-17 * Abs(sum); n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Sqrt(PI) * Exp(-x * x) * sum;
    }

    // e^(−x²)/√π·1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))), from the innermost out. Abramowitz and Stegun 1964, 7.1.14.
    private static double ErfcFraction(double x)
    {
        const int depth = 120;
        var tail = x;
        for (var k = depth; k > 0; k--)
            tail = x + k / 2.0 / tail;
        return Exp(-x * x) / Sqrt(PI) / tail;
    }
}
