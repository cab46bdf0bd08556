using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

public abstract partial record TimestepSpacing
{
    /// <summary>
    /// The levels in equal sections, each with its own number of evenly spread times. Nichol and Dhariwal 2021; guided-diffusion's
    /// "10,10,10".
    /// </summary>
    /// <param name="Counts">Times of each section, the least noisy first; each at least 1.</param>
    public sealed record Sections(Sequence<int> Counts) : TimestepSpacing
    {
        /// <summary>Times of each section, the least noisy first; each at least 1.</summary>
        public Sequence<int> Counts { get; init => field = Filled(value); } = Filled(Counts);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule)
        {
            var (share, rest) = DivRem(Levels(schedule).Steps, Counts.Count);
            var (times, start) = (new List<int>(), 0);
            foreach (var (section, count) in Counts.Index())
            {
                var size = share + (section < rest ? 1 : 0);
                if (size < count)
                    throw new ArgumentException($"A section of {size} levels cannot be divided into {count} steps.", nameof(schedule));
                // Summed, not multiplied: halves then round as they do in the peer.
                var (position, stride) = (0.0, count == 1 ? 1 : (size - 1.0) / (count - 1));
                for (var index = 0; index < count; index++, position += stride)
                    times.Add(start + (int)Round(position));
                start += size;
            }
            return Chain(schedule, times.OrderDescending());
        }

        private static Sequence<int> Filled(Sequence<int> counts)
        {
            foreach (var count in Require.NonEmpty(counts, nameof(Counts)))
                Require.AtLeast(count, 1, nameof(Counts));
            return counts;
        }
    }
}
