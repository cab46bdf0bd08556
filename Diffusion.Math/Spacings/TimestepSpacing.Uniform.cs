using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

public abstract partial record TimestepSpacing
{
    /// <summary>
    /// n times spread evenly over the schedule, both ends visited, fractional where they fall between levels. k-diffusion's spacing.
    /// </summary>
    /// <remarks>
    /// Over a continuous schedule, Karras et al. 2022, Table 1: the VP column for a variance-preserving one, the VE column for an exploding
    /// one.
    /// </remarks>
    /// <param name="Count">n, the number of steps; at least 1.</param>
    /// <param name="Between">What is interpolated between the levels of a discrete schedule.</param>
    public sealed record Uniform(int Count, Interpolation Between = Interpolation.LogSnr) : TimestepSpacing
    {
        /// <summary>n, the number of steps; at least 1.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule) =>
            Chain(Spread(schedule.LastTime, schedule.FirstTime, Count).Select(time =>
                Between == Interpolation.Sigma && schedule is IDiscreteNoiseLevels ? BySigma(schedule, time) : schedule.LevelAt(time)));

        private static NoiseLevel BySigma(INoiseLevels schedule, double time)
        {
            var (below, above) = (schedule.At(Floor(time)), schedule.At(Ceiling(time)));
            var fraction = time - Floor(time);
            var sigma = (1 - fraction) * below.NoiseToSignal + fraction * above.NoiseToSignal;
            return new(time, fraction == 0 ? below : Marginal.OfSigma(sigma).VariancePreserving);
        }
    }
}
