using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>
    /// ᾱ follows a falling sigmoid. Jabri et al. 2022, "Scalable adaptive computation for iterative generation".
    /// </summary>
    /// <remarks>"sigmoid" of denoising-diffusion-pytorch. Not to be confused with <see cref="SigmoidBeta"/>.</remarks>
    /// <param name="Count">T, the number of levels; at least 1.</param>
    /// <param name="Start">Where on the sigmoid time 0 lies; below End.</param>
    /// <param name="End">Where on the sigmoid the last time lies; above Start.</param>
    /// <param name="Temperature">τ, which divides both; above 0.</param>
    /// <param name="Ceiling">The largest β, in (0, 1).</param>
    public sealed record SigmoidSignal(
        int Count = 1000, double Start = -3, double End = 3, double Temperature = 1, double Ceiling = 0.999) : Discrete
    {
        /// <summary>T, the number of levels; at least 1.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <summary>Where on the sigmoid time 0 lies; below End.</summary>
        public double Start { get; init => field = Require.Between(value, double.NegativeInfinity, End, nameof(Start)); } =
            Require.Between(Start, double.NegativeInfinity, End);

        /// <summary>Where on the sigmoid the last time lies; above Start.</summary>
        public double End { get; init => field = Require.Between(value, Start, double.PositiveInfinity, nameof(End)); } =
            Require.Between(End, Start, double.PositiveInfinity);

        /// <summary>τ, which divides both; above 0.</summary>
        public double Temperature { get; init => field = Require.Positive(value, nameof(Temperature)); } = Require.Positive(Temperature);

        /// <summary>The largest β, in (0, 1).</summary>
        public double Ceiling { get; init => field = Require.Between(value, 0, 1, nameof(Ceiling)); } = Require.Between(Ceiling, 0, 1);

        /// <inheritdoc/>
        public override int Steps => Count;

        private protected override Sequence<double> ComputeBetas()
        {
            var (first, last) = (Sigmoid(Start / Temperature), Sigmoid(End / Temperature));
            return BetasOf(u => (last - Sigmoid((u * (End - Start) + Start) / Temperature)) / (last - first), Count, Ceiling);
        }
    }
}
