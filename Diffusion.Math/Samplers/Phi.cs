namespace Diffusion.Math.Samplers;

/// <summary>The weights of an exponential integrator: integrals of e^τ times powers of τ, which vanish with the step.</summary>
/// <remarks>
/// Lu et al. 2022, "DPM-Solver++", Appendix A and B; with k = −h for data and k = h for noise both take the same form. Near 0 the
/// quotients lose all digits, so a series stands in.
/// </remarks>
internal static class Phi
{
    private const double Small = 0.02;

    /// <summary>e^k − 1.</summary>
    public static double One(double k) => Abs(k) < Small ? k + k * k * Series(k, 2) : Exp(k) - 1;

    /// <summary>(e^k − 1)/k − 1 = k/2 + k²/6 + …</summary>
    public static double Two(double k) => Abs(k) < Small ? k * Series(k, 2) : (Exp(k) - 1) / k - 1;

    /// <summary>(e^k − 1 − k)/k² − ½ = k/6 + k²/24 + …</summary>
    public static double Three(double k) => Abs(k) < Small ? k * Series(k, 3) : (Exp(k) - 1 - k) / (k * k) - 0.5;

    // 1/n! + k/(n + 1)! + k²/(n + 2)! + …
    private static double Series(double k, int n)
    {
        var (sum, term) = (0.0, 1.0);
        for (var factor = 2; factor <= n; factor++)
            term /= factor;
        for (var power = n; power < n + 9; power++)
        {
            sum += term;
            term *= k / (power + 1);
        }
        return sum;
    }
}
