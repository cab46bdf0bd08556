using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

/// <summary>Whether a second slope corrects the first. A closed union.</summary>
public abstract record Correction
{
    private Correction()
    {
    }

    /// <summary>Euler's method: the first slope is all there is.</summary>
    public sealed record None : Correction;

    /// <summary>
    /// A second slope is taken at a fraction α of the step, and the step is (1 − 1/2α)·first + 1/2α·second. Karras et al. 2022,
    /// Algorithm 3.
    /// </summary>
    /// <param name="Fraction">α, in (0, 1]: 1 is Heun's method, ½ the midpoint method, ⅔ Ralston's.</param>
    public sealed record At(double Fraction = 1) : Correction
    {
        /// <summary>α, in (0, 1].</summary>
        public double Fraction { get; init => field = Require.Within(Require.Positive(value, nameof(Fraction)), 0, 1, nameof(Fraction)); } =
            Require.Within(Require.Positive(Fraction), 0.0, 1.0, nameof(Fraction));
    }
}
