using Diffusion.Math.Numerics;
using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

/// <summary>
/// What an average by <see cref="EmaDecay.PowerFunction"/> holds at a time: weights of all earlier parameters, proportional to τ^γ.
/// </summary>
/// <remarks>
/// Because profiles are functions, an average of any width can be put together after training from a few stored ones.
/// Karras et al. 2024, "Analyzing and improving the training dynamics of diffusion models", Section 3 and Appendix C.
/// </remarks>
/// <param name="Gamma">γ, at least 0.</param>
/// <param name="Time">When the average was stored, in any unit; above 0.</param>
public readonly record struct PowerProfile(double Gamma, double Time)
{
    /// <summary>γ, at least 0.</summary>
    public double Gamma { get; init => field = Require.NonNegative(value, nameof(Gamma)); } = Require.NonNegative(Gamma);

    /// <summary>When the average was stored; above 0.</summary>
    public double Time { get; init => field = Require.Positive(value, nameof(Time)); } = Require.Positive(Time);

    /// <summary>The weight density at <paramref name="moment"/>: (γ + 1)·τ^γ/t^(γ+1) up to t, and 0 after.</summary>
    public double At(double moment) => moment < 0 || moment > Time ? 0 : (Gamma + 1) * Pow(moment / Time, Gamma) / Time;

    /// <summary>The integral of two profiles' product.</summary>
    /// <remarks>(γ₁ + 1)(γ₂ + 1)/((γ₁ + γ₂ + 1)·t₂)·(t₁/t₂)^γ₂ with t₁ the earlier time.</remarks>
    public double Overlap(PowerProfile other)
    {
        var (earlier, later) = Time <= other.Time ? (this, other) : (other, this);
        var together = (earlier.Gamma + 1) * (later.Gamma + 1) / ((earlier.Gamma + later.Gamma + 1) * later.Time);
        return together * Pow(earlier.Time / later.Time, later.Gamma);
    }

    /// <summary>
    /// Weights of stored averages whose sum comes closest to this profile, in the sense of least squares; they add up to about 1.
    /// </summary>
    /// <param name="stored">The profiles of the stored averages, all different; at least one.</param>
    /// <exception cref="ArgumentException">Nothing is stored, or the same profile twice.</exception>
    public Sequence<double> WeightsOf(Sequence<PowerProfile> stored)
    {
        if (Require.NonEmpty(stored).Distinct().Count() < stored.Count)
            throw new ArgumentException("Two of the stored averages have the same profile.", nameof(stored));
        var equations = new double[stored.Count, stored.Count + 1];
        for (var row = 0; row < stored.Count; row++)
        {
            for (var column = 0; column < stored.Count; column++)
                equations[row, column] = stored[row].Overlap(stored[column]);
            equations[row, stored.Count] = stored[row].Overlap(this);
        }
        return LinearSystem.Solve(equations).ToSequence();
    }
}
