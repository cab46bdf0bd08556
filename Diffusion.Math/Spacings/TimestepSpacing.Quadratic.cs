using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

public abstract partial record TimestepSpacing
{
    /// <summary>
    /// Squares of numbers spread from 0 to √(0.8·T), cut off: dense where there is little noise. Song et al. 2020, "DDIM", Appendix D.2.
    /// </summary>
    /// <remarks>Where two squares share a whole time it is visited once, so a long grid has fewer than n steps.</remarks>
    /// <param name="Count">n, the number of steps, from 1 to T.</param>
    public sealed record Quadratic(int Count) : TimestepSpacing
    {
        /// <summary>n, the number of steps, from 1 to T.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule)
        {
            var root = Sqrt(0.8 * LevelsFor(Count, schedule).Steps);
            var times = Spread(0, root, Count).Select(number => Min((int)(number * number), Levels(schedule).Steps - 1));
            return Chain(schedule, times.Distinct().OrderDescending());
        }
    }
}
