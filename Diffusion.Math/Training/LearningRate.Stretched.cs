using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

public abstract partial record LearningRate
{
    /// <summary>
    /// A rate whose rest is stretched or compressed, because the run was made longer or shorter under way: nothing that is past changes,
    /// and what was to come with the last step still does.
    /// </summary>
    /// <remarks>At(s) = Rate.At(From + (s − From)·(Before − From)/(After − From)) from From on. Continuous there.</remarks>
    /// <param name="Rate">The rate as it was planned; its warm-up may be stretched too.</param>
    /// <param name="From">The step from which on the run has another length; at least 0.</param>
    /// <param name="Before">Steps of the run up to there; more than <paramref name="From"/>.</param>
    /// <param name="After">Steps of the run from there on; more than <paramref name="From"/>.</param>
    public sealed record Stretched(LearningRate Rate, long From, long Before, long After) : LearningRate
    {
        /// <summary>The step from which on the run has another length; at least 0.</summary>
        public long From { get; init => field = Require.Within(value, 0, Min(Before, After) - 1, nameof(From)); } =
            Require.AtLeast(From, 0);

        /// <summary>Steps of the run up to there; more than <see cref="From"/>.</summary>
        public long Before { get; init => field = Require.AtLeast(value, From + 1, nameof(Before)); } = Require.AtLeast(Before, From + 1);

        /// <summary>Steps of the run from there on; more than <see cref="From"/>.</summary>
        public long After { get; init => field = Require.AtLeast(value, From + 1, nameof(After)); } = Require.AtLeast(After, From + 1);

        /// <inheritdoc/>
        /// <remarks>That of a run which was planned so from its beginning.</remarks>
        public override LearningRate Over(long before, long after) =>
            before != after && After == before ? PlannedFor(after) : this;

        private LearningRate PlannedFor(long steps) =>
            Rate is Stretched former && former.After == Before ? former.PlannedFor(steps) : Rate.Over(Before, steps);

        private protected override double Along(double step) =>
            Rate.Along(step < From ? step : From + (step - From) * (Before - From) / (After - From));

        private protected override int Rises => Rate.Rises <= From ? Rate.Rises
            : (int)Min(Ceiling(From + (double)(Rate.Rises - From) * (After - From) / (Before - From)), int.MaxValue);
    }
}
