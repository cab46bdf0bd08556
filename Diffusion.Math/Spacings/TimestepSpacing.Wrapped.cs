using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

public abstract partial record TimestepSpacing
{
    /// <summary>
    /// A grid without its last time: the step before goes to clean data at once. What diffusers' multistep solvers do with one time more.
    /// </summary>
    /// <param name="Grid">The whole grid, of at least two steps.</param>
    public sealed record WithoutLast(TimestepSpacing Grid) : TimestepSpacing
    {
        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule)
        {
            var steps = Grid.Over(schedule);
            return steps.Count > 1
                ? Chain(steps.SkipLast(1).Select(step => step.From))
                : throw new ArgumentException("A grid of one step has nothing left without its last.", nameof(schedule));
        }
    }

    /// <summary>A grid whose last step ends at the schedule's least noisy level instead of clean data.</summary>
    /// <remarks>diffusers' set_alpha_to_one = false, and final_sigmas_type = "sigma_min".</remarks>
    /// <param name="Grid">The times that are visited.</param>
    public sealed record ToFirstLevel(TimestepSpacing Grid) : TimestepSpacing
    {
        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule) =>
            Grid.Over(schedule)
                .Select(step => step.To == NoiseLevel.Clean ? step with { To = schedule.LevelAt(schedule.FirstTime) } : step)
                .ToSequence();
    }

    /// <summary>A grid in which a step from t is computed as if it went to t − ⌊T/n⌋, wherever the next one starts.</summary>
    /// <remarks>
    /// What diffusers' DDPM and DDIM schedulers do; right for <see cref="Leading"/>, a slip for every other spacing where ⌊T/n⌋ is not the
    /// distance.
    /// </remarks>
    /// <param name="Grid">The times that are visited; n is their number.</param>
    public sealed record FixedStride(TimestepSpacing Grid) : TimestepSpacing
    {
        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule)
        {
            var steps = Grid.Over(schedule);
            var stride = Levels(schedule).Steps / steps.Count;
            return steps.Select(step => step with { To = Before(step.From.Time - stride, schedule) }).ToSequence();
        }

        private static NoiseLevel Before(double time, INoiseLevels schedule) => time < 0 ? NoiseLevel.Clean : schedule.LevelAt(time);
    }

    /// <summary>
    /// A grid in which the network is given whole times, though the noise is that of the times between. diffusers' multistep solvers.
    /// </summary>
    /// <param name="Grid">The levels that are visited.</param>
    public sealed record WholeTimes(TimestepSpacing Grid) : TimestepSpacing
    {
        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule) =>
            Chain(Grid.Over(schedule).Select(step => step.From with { Time = Round(step.From.Time) }));
    }
}
