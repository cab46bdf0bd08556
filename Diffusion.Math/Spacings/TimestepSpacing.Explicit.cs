using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

public abstract partial record TimestepSpacing
{
    /// <summary>The given times, which may lie between levels.</summary>
    /// <param name="Times">At least one, strictly falling.</param>
    public sealed record Explicit(Sequence<double> Times) : TimestepSpacing
    {
        /// <summary>At least one, strictly falling.</summary>
        public Sequence<double> Times { get; init => field = Falling(value); } = Falling(Times);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule) => Chain(Times.Select(schedule.LevelAt));

        private static Sequence<double> Falling(Sequence<double> times)
        {
            for (var index = 1; index < Require.NonEmpty(times, nameof(Times)).Count; index++)
            {
                if (!(times[index] < times[index - 1]))
                    throw new ArgumentException($"Times must fall, but {times[index]} follows {times[index - 1]}.", nameof(Times));
            }
            return times;
        }
    }
}
