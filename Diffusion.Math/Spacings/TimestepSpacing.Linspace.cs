using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

public abstract partial record TimestepSpacing
{
    /// <summary>n whole times spread over the schedule, both ends visited. diffusers' "linspace" for DDPM and DDIM.</summary>
    /// <remarks>
    /// The other meaning of the word, n intervals that start above level 0, is <c>new WithoutLast(new Linspace(n + 1))</c>.
    /// </remarks>
    /// <param name="Count">n, the number of steps, from 1 to T.</param>
    public sealed record Linspace(int Count) : TimestepSpacing
    {
        /// <summary>n, the number of steps, from 1 to T.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule) =>
            Chain(schedule, Whole(LevelsFor(Count, schedule).Steps - 1, Count));
    }

    /// <summary>
    /// n levels spread evenly over those whose Sigma/Alpha lies in a range. Karras et al. 2022, Table 1, the iDDPM column.
    /// </summary>
    /// <param name="Count">n, the number of steps; at least 1.</param>
    /// <param name="Low">The least noise to visit; at least 0.</param>
    /// <param name="High">The most noise to visit; above 0.</param>
    public sealed record LinspaceWithin(int Count, double Low, double High) : TimestepSpacing
    {
        /// <summary>n, the number of steps; at least 1.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <summary>The least noise to visit; at least 0.</summary>
        public double Low { get; init => field = Require.NonNegative(value, nameof(Low)); } = Require.NonNegative(Low);

        /// <summary>The most noise to visit; above 0.</summary>
        public double High { get; init => field = Require.Positive(value, nameof(High)); } = Require.Positive(High);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule)
        {
            NoiseLevel[] band =
            [
                .. Enumerable.Range(0, Levels(schedule).Steps).Select(time => schedule.LevelAt(time))
                    .Where(level => level.Marginal.NoiseToSignal >= Low && level.Marginal.NoiseToSignal <= High),
            ];
            return band.Length >= Count
                ? Chain(Whole(band.Length - 1, Count).Select(place => band[band.Length - 1 - place]).Reverse())
                : throw new ArgumentException($"{Count} steps do not fit the {band.Length} levels from {Low} to {High}.", nameof(schedule));
        }
    }

    // Whole numbers from the last down to 0, both visited. Multiples of a rounded stride: halves then round as they do in NumPy and torch.
    private static IEnumerable<int> Whole(int last, int count)
    {
        var stride = (double)last / Max(count - 1, 1);
        return Enumerable.Range(0, count).Select(index => index == 0 ? last : (int)Round((count - 1 - index) * stride));
    }
}
