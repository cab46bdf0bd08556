using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

public abstract partial record TimestepSpacing
{
    /// <summary>Every k-th level from 0 on, with the smallest whole k that gives n steps. guided-diffusion's "ddim50".</summary>
    /// <param name="Count">n, the number of steps, from 1 to T.</param>
    public sealed record WholeStride(int Count) : TimestepSpacing
    {
        /// <summary>n, the number of steps, from 1 to T.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <inheritdoc/>
        /// <exception cref="ArgumentException">No whole stride gives that many steps.</exception>
        public override Sequence<TimeStep> Over(INoiseLevels schedule)
        {
            var steps = LevelsFor(Count, schedule).Steps;
            // The smallest k with ⌈T/k⌉ ≤ n.
            var stride = (steps + Count - 1) / Count;
            return (steps + stride - 1) / stride == Count
                ? Chain(schedule, Enumerable.Range(0, Count).Select(index => (Count - 1 - index) * stride))
                : throw new ArgumentException($"No whole stride visits {Count} of {steps} levels.", nameof(schedule));
        }
    }
}
