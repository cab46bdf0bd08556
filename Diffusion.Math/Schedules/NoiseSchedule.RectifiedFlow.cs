using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>
    /// x_t = (1 − t)·x_0 + t·ε: data and noise are joined by straight lines. Liu et al. 2022, "Flow straight and fast", Eq. 1; Lipman et
    /// al. 2022, "Flow matching for generative modeling", Eq. 22, with σ_min = 0. Time runs from data to noise, as elsewhere here.
    /// </summary>
    /// <param name="Start">The least noisy time, above 0 and below End.</param>
    /// <param name="End">
    /// The noisiest time, above Start and at most 1. At 1 nothing is left of the data, and methods that divide by its weight cannot start.
    /// </param>
    public sealed record RectifiedFlow(double Start = 1e-3, double End = 0.999) : NoiseSchedule
    {
        /// <summary>The least noisy time, above 0 and below End.</summary>
        public double Start { get; init => field = Require.Between(value, 0, End, nameof(Start)); } = Require.Between(Start, 0, End);

        /// <summary>The noisiest time, above Start and at most 1.</summary>
        public double End { get; init => field = Checked(value, Start); } = Checked(End, Start);

        /// <inheritdoc/>
        public override double FirstTime => Start;

        /// <inheritdoc/>
        public override double LastTime => End;

        /// <inheritdoc/>
        /// <remarks>Any time in [0, 1] has a marginal, also outside the visited range: training may draw from a wider one.</remarks>
        public override Marginal At(double time) => new(1 - Require.Within(time, 0, 1), time);

        /// <inheritdoc/>
        /// <remarks>σ/α = t/(1 − t), so that t = sigmoid(−λ/2).</remarks>
        public override double TimeOf(double logSnr) => Clamp(1 / (1 + Exp(logSnr / 2)), FirstTime, LastTime);

        /// <inheritdoc/>
        public override NoiseLevel LevelOf(double noiseToSignal)
        {
            var clean = 1 / (1 + Require.Positive(noiseToSignal));
            return new(1 - clean, new(clean, noiseToSignal * clean));
        }

        private static double Checked(double end, double start) =>
            Require.Between(Require.Within(end, 0, 1, nameof(End)), start, double.PositiveInfinity, nameof(End));
    }
}
