using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

public abstract partial record LearningRate
{
    /// <summary>
    /// One cycle: up in a straight line for a share of the run, and then half a cosine down to 0 at the last step. Smith and Topin 2017,
    /// "Super-convergence".
    /// </summary>
    /// <param name="Peak">The rate at its highest; above 0.</param>
    /// <param name="Rise">The share of the run in which it rises; in [0, 1).</param>
    /// <param name="Total">Step at which the rate reaches 0; at least 1.</param>
    public sealed record OneCycle(double Peak, double Rise, int Total) : LearningRate
    {
        /// <summary>The rate at its highest; above 0.</summary>
        public double Peak { get; init => field = Require.Positive(value, nameof(Peak)); } = Require.Positive(Peak);

        /// <summary>The share of the run in which it rises; in [0, 1).</summary>
        public double Rise { get; init => field = Share(value); } = Share(Rise);

        /// <summary>Step at which the rate reaches 0; at least 1.</summary>
        public int Total { get; init => field = Require.AtLeast(value, 1, nameof(Total)); } = Require.AtLeast(Total, 1);

        private protected override double Along(double step) =>
            step < Rises ? Peak * Rising(step, Rises) : Peak * (1 + Cos(PI * Falling(step, Rises, Total))) / 2;

        /// <inheritdoc/>
        public override LearningRate Over(long before, long after) => this with { Total = Ending(Total, before, after) };

        private protected override int Rises => (int)(Rise * Total);

        private static double Share(double rise) => rise is >= 0 and < 1 ? rise
            : throw new ArgumentOutOfRangeException(nameof(Rise), rise, "A share of the run, from 0 to below 1.");
    }
}
