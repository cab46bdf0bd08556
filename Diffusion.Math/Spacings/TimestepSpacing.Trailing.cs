using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

public abstract partial record TimestepSpacing
{
    /// <summary>
    /// T − 1 and then down in steps of T/n, rounded: the last level is visited, level 0 is not. Lin et al. 2023, Section 3.3.
    /// </summary>
    /// <param name="Count">n, the number of steps, from 1 to T.</param>
    public sealed record Trailing(int Count) : TimestepSpacing
    {
        /// <summary>n, the number of steps, from 1 to T.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule)
        {
            var steps = LevelsFor(Count, schedule).Steps;
            // T/n as it is after being taken from T once: halves then round as they do in NumPy's arange.
            var stride = steps - (steps - (double)steps / Count);
            return Chain(schedule, Enumerable.Range(0, Count).Select(index => (int)Round(steps - index * stride) - 1));
        }
    }

    /// <summary>
    /// As <see cref="Trailing"/>, but cut off instead of rounded: ⌊−1 + k·T/n⌋ for k = n, …, 1. What denoising-diffusion-pytorch does.
    /// </summary>
    /// <param name="Count">n, the number of steps, from 1 to T.</param>
    public sealed record TrailingFloor(int Count) : TimestepSpacing
    {
        /// <summary>n, the number of steps, from 1 to T.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule)
        {
            long steps = LevelsFor(Count, schedule).Steps;
            return Chain(schedule, Enumerable.Range(0, Count).Select(index => (int)((Count - index) * steps / Count) - 1));
        }
    }
}
