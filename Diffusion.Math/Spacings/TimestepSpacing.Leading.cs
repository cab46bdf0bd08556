using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

public abstract partial record TimestepSpacing
{
    /// <summary>
    /// Multiples of ⌊T/n⌋, beginning with 0: the last level is not visited. What Song et al. 2020 and diffusers' default do.
    /// </summary>
    /// <param name="Count">n, the number of steps, from 1 to T.</param>
    /// <param name="Offset">Added to every time; at least 0. Stable Diffusion uses 1.</param>
    public sealed record Leading(int Count, int Offset = 0) : TimestepSpacing
    {
        /// <summary>n, the number of steps, from 1 to T.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <summary>Added to every time; at least 0. Stable Diffusion uses 1.</summary>
        public int Offset { get; init => field = Require.AtLeast(value, 0, nameof(Offset)); } = Require.AtLeast(Offset, 0);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule)
        {
            var stride = LevelsFor(Count, schedule).Steps / Count;
            return Chain(schedule, Enumerable.Range(0, Count).Select(index => (Count - 1 - index) * stride + Offset));
        }
    }
}
