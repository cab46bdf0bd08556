using Diffusion.Math.Values;

namespace Diffusion.Math.Noise;

/// <summary>Which times a sampler visits, from the noisiest to the least noisy; after the last one comes clean data.</summary>
/// <remarks>A closed union of the field's spacings; see Lin et al. 2023, "Common diffusion noise schedules and sample steps are flawed", Table 2.</remarks>
public abstract partial record TimeGrid
{
    private TimeGrid()
    {
    }

    /// <summary>The visited intervals, in sampling order.</summary>
    /// <exception cref="ArgumentException">The grid asks for more steps than the schedule has.</exception>
    public abstract Sequence<TimeStep> Over(NoiseSchedule.Discrete schedule);

    /// <summary>Every level: T steps from T − 1 down to 0.</summary>
    public sealed record All : TimeGrid
    {
        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(NoiseSchedule.Discrete schedule) =>
            Chain(Enumerable.Range(0, schedule.Steps).Select(index => schedule.Steps - 1 - index));
    }

    /// <summary>Multiples of ⌊T/n⌋, beginning with 0: the last level is not visited. What Song et al. 2020 and diffusers' default do.</summary>
    /// <param name="Count">n, the number of steps, from 1 to T.</param>
    public sealed record Leading(int Count) : TimeGrid
    {
        /// <summary>n, the number of steps, from 1 to T.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(NoiseSchedule.Discrete schedule)
        {
            var stride = schedule.Steps / Fitting(Count, schedule);
            return Chain(Enumerable.Range(0, Count).Select(index => (Count - 1 - index) * stride));
        }
    }

    /// <summary>T − 1 and then down in steps of T/n, rounded: the last level is visited, level 0 is not.</summary>
    /// <param name="Count">n, the number of steps, from 1 to T.</param>
    public sealed record Trailing(int Count) : TimeGrid
    {
        /// <summary>n, the number of steps, from 1 to T.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(NoiseSchedule.Discrete schedule)
        {
            var stride = (double)schedule.Steps / Fitting(Count, schedule);
            return Chain(Enumerable.Range(0, Count).Select(index => (int)Round(schedule.Steps - index * stride) - 1));
        }
    }

    private static int Fitting(int count, NoiseSchedule.Discrete schedule) =>
        count <= schedule.Steps ? count : throw new ArgumentException($"{count} steps do not fit a schedule of {schedule.Steps} levels.");

    private static Sequence<TimeStep> Chain(IEnumerable<int> times)
    {
        int[] visited = [.. times];
        return Sequence.Generate(visited.Length, index => new TimeStep(visited[index], index + 1 < visited.Length ? visited[index + 1] : -1));
    }
}

/// <summary>One step of a sampler: the time it starts from and the time it goes to, −1 for clean data.</summary>
/// <param name="From">The noisier time.</param>
/// <param name="To">The less noisy time.</param>
public readonly record struct TimeStep(double From, double To);
