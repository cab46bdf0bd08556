using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

public abstract partial record TimestepSpacing
{
    /// <summary>
    /// σ_i = (σ_max^(1/ρ) + i/(n − 1)·(σ_min^(1/ρ) − σ_max^(1/ρ)))^ρ over the schedule's own range. Karras et al. 2022, Eq. 5.
    /// </summary>
    /// <param name="Count">n, the number of steps; at least 1.</param>
    /// <param name="Rho">ρ, above 0; larger visits more of the little noise.</param>
    public sealed record Karras(int Count, double Rho = 7) : TimestepSpacing
    {
        /// <summary>n, the number of steps; at least 1.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <summary>ρ, above 0; larger visits more of the little noise.</summary>
        public double Rho { get; init => field = Require.Positive(value, nameof(Rho)); } = Require.Positive(Rho);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule)
        {
            var (most, least) = NoiseRange(schedule);
            return new KarrasWithin(Count, least, most, Rho).Over(schedule);
        }
    }

    /// <summary>
    /// σ_i = (σ_max^(1/ρ) + i/(n − 1)·(σ_min^(1/ρ) − σ_max^(1/ρ)))^ρ over a range of one's own. Karras et al. 2022, Eq. 5.
    /// </summary>
    /// <param name="Count">n, the number of steps; at least 1.</param>
    /// <param name="Low">σ_min, the least Sigma/Alpha to visit; above 0.</param>
    /// <param name="High">σ_max, the most; finite and at least Low.</param>
    /// <param name="Rho">ρ, above 0; larger visits more of the little noise.</param>
    public sealed record KarrasWithin(int Count, double Low, double High, double Rho = 7) : TimestepSpacing
    {
        /// <summary>n, the number of steps; at least 1.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <summary>σ_min, the least Sigma/Alpha to visit; above 0.</summary>
        public double Low { get; init => field = Require.Within(value, double.Epsilon, High, nameof(Low)); } =
            Require.Within(Low, double.Epsilon, High);

        /// <summary>σ_max, the most; finite and at least Low.</summary>
        public double High { get; init => field = Require.Within(value, Low, double.MaxValue, nameof(High)); } =
            Require.Within(High, Low, double.MaxValue);

        /// <summary>ρ, above 0; larger visits more of the little noise.</summary>
        public double Rho { get; init => field = Require.Positive(value, nameof(Rho)); } = Require.Positive(Rho);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule) =>
            Chain(Spread(Pow(High, 1 / Rho), Pow(Low, 1 / Rho), Count).Select(root => schedule.LevelOf(Pow(root, Rho))));
    }

    /// <summary>n levels with evenly spread log-SNR over the schedule's own range. Lu et al. 2022, "DPM-Solver".</summary>
    /// <param name="Count">n, the number of steps; at least 1.</param>
    public sealed record LogSnr(int Count) : TimestepSpacing
    {
        /// <summary>n, the number of steps; at least 1.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule)
        {
            var (most, least) = NoiseRange(schedule);
            return Chain(Spread(Log(most), Log(least), Count).Select(logarithm => schedule.LevelOf(Exp(logarithm))));
        }
    }

    private static (double Most, double Least) NoiseRange(INoiseLevels schedule)
    {
        var (most, least) = (schedule.At(schedule.LastTime).NoiseToSignal, schedule.At(schedule.FirstTime).NoiseToSignal);
        return double.IsFinite(most) && least > 0
            ? (most, least)
            : throw new ArgumentException(
                $"Noise from {least} to {most} cannot be spread; both must be finite and above 0.", nameof(schedule));
    }
}
