using System.Text;
using Diffusion.Math.Noise;

namespace Diffusion.Math.Schedules;

/// <summary>How data turns into noise over time: a marginal for every time.</summary>
/// <remarks>
/// A closed union. Cases with T discrete levels derive from <see cref="Discrete"/> and count time 0, 1, …, T − 1 from least to most
/// noisy, as the networks of DDPM are fed; time t here is t + 1 in the paper's equations.
/// </remarks>
public abstract partial record NoiseSchedule : INoiseLevels
{
    private NoiseSchedule()
    {
    }

    /// <summary>Copies no derived numbers: a <c>with</c> expression computes its own.</summary>
    protected NoiseSchedule(NoiseSchedule original)
    {
    }

    /// <summary>The marginal at <paramref name="time"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is outside the schedule.</exception>
    public abstract Marginal At(double time);

    /// <summary>The time whose marginal has the given log-SNR; the inverse of <see cref="At"/>, clamped to the schedule's ends.</summary>
    public abstract double TimeOf(double logSnr);

    /// <summary>The least noisy time.</summary>
    public abstract double FirstTime { get; }

    /// <summary>The noisiest time.</summary>
    public abstract double LastTime { get; }

    /// <summary>What the network is given at a time, and the marginal there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is outside the schedule.</exception>
    public virtual NoiseLevel LevelAt(double time) => new(time, At(time));

    /// <summary>The level whose Sigma/Alpha is exactly <paramref name="noiseToSignal"/>, in this schedule's scale.</summary>
    /// <param name="noiseToSignal">Finite and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The noise is not finite and above 0.</exception>
    public abstract NoiseLevel LevelOf(double noiseToSignal);

    /// <summary>Schedules are equal when their settings are; what was computed from them does not count.</summary>
    public virtual bool Equals(NoiseSchedule? other) => other is not null && EqualityContract == other.EqualityContract;

    /// <inheritdoc/>
    public override int GetHashCode() => EqualityContract.GetHashCode();

    /// <summary>Only settings are printed, and they belong to the cases.</summary>
    protected virtual bool PrintMembers(StringBuilder builder) => false;
}
