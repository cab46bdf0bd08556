namespace Diffusion.Math.Noise;

/// <summary>How data turns into noise over time: a marginal for every time.</summary>
/// <remarks>
/// A closed union. Cases with T discrete levels derive from <see cref="Discrete"/> and count time 0, 1, …, T − 1 from least to most
/// noisy, as the networks of DDPM are fed; time t here is t + 1 in the paper's equations.
/// </remarks>
public abstract partial record NoiseSchedule
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

    /// <summary>Time and marginal together.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is outside the schedule.</exception>
    public NoiseLevel LevelAt(double time) => new(time, At(time));

    /// <summary>Schedules are equal when their settings are; what was computed from them does not count.</summary>
    public virtual bool Equals(NoiseSchedule? other) => other is not null && EqualityContract == other.EqualityContract;

    /// <inheritdoc/>
    public override int GetHashCode() => EqualityContract.GetHashCode();
}
