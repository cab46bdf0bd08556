using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

public abstract partial record LearningRate
{
    /// <summary>
    /// A warm-up, the peak, and straight down to 0 over the last steps. The trapezoid of Zhai et al. 2021, "Scaling vision transformers";
    /// Hägele et al. 2024, "Scaling laws and compute-optimal training beyond fixed training durations".
    /// </summary>
    /// <remarks>
    /// Of a run that is made longer or shorter, only the time at the peak changes. Where warm-up and fall do not both fit, the fall begins
    /// at the end of the warm-up.
    /// </remarks>
    /// <param name="Peak">The rate after the warm-up; above 0.</param>
    /// <param name="Warmup">Steps of the warm-up; at least 0.</param>
    /// <param name="Fall">Steps from the peak down to 0; at least 1.</param>
    /// <param name="Total">Step at which the rate reaches 0; at least 1.</param>
    public sealed record Trapezoid(double Peak, int Warmup, int Fall, int Total) : LearningRate
    {
        /// <summary>The rate after the warm-up; above 0.</summary>
        public double Peak { get; init => field = Require.Positive(value, nameof(Peak)); } = Require.Positive(Peak);

        /// <summary>Steps of the warm-up; at least 0.</summary>
        public int Warmup { get; init => field = Require.AtLeast(value, 0, nameof(Warmup)); } = Require.AtLeast(Warmup, 0);

        /// <summary>Steps from the peak down to 0; at least 1.</summary>
        public int Fall { get; init => field = Require.AtLeast(value, 1, nameof(Fall)); } = Require.AtLeast(Fall, 1);

        /// <summary>Step at which the rate reaches 0; at least 1.</summary>
        public int Total { get; init => field = Require.AtLeast(value, 1, nameof(Total)); } = Require.AtLeast(Total, 1);

        private protected override double Along(double step) => step < Warmup
            ? Peak * Rising(step, Warmup)
            : Peak * (1 - Max(0, Falling(step, Max(Warmup, Total - Fall), Total)));

        /// <inheritdoc/>
        public override LearningRate Over(long before, long after) => this with { Total = Ending(Total, before, after) };

        private protected override int Rises => Warmup;
    }
}
