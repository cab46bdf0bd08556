using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

/// <summary>What an average by <see cref="EmaDecay.PowerFunction"/> holds at a time: weights of all earlier parameters, proportional to τ^γ.</summary>
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
        return (earlier.Gamma + 1) * (later.Gamma + 1) / ((earlier.Gamma + later.Gamma + 1) * later.Time) * Pow(earlier.Time / later.Time, later.Gamma);
    }

    /// <summary>Weights of stored averages whose sum comes closest to this profile, in the sense of least squares; they add up to about 1.</summary>
    /// <param name="stored">The profiles of the stored averages, all different; at least one.</param>
    /// <exception cref="ArgumentException">Nothing is stored, or two stored profiles cannot be told apart.</exception>
    public Sequence<double> WeightsOf(Sequence<PowerProfile> stored)
    {
        var target = this;
        var rows = Require.NonEmpty(stored).Select(one => stored.Select(one.Overlap).Append(one.Overlap(target)).ToArray()).ToArray();
        for (var pivot = 0; pivot < rows.Length; pivot++)
            Eliminate(rows, pivot);
        return rows.Select((row, index) => row[^1] / row[index]).ToSequence();
    }

    // Gauss and Jordan: the overlaps of different functions are a positive definite matrix, which needs no exchange of rows.
    private static void Eliminate(double[][] rows, int pivot)
    {
        if (!(rows[pivot][pivot] > 0))
            throw new ArgumentException("Two of the stored averages have profiles that cannot be told apart.", nameof(rows));
        foreach (var row in rows.Where(row => row != rows[pivot]))
        {
            var factor = row[pivot] / rows[pivot][pivot];
            for (var column = pivot; column < row.Length; column++)
                row[column] -= factor * rows[pivot][column];
        }
    }
}
