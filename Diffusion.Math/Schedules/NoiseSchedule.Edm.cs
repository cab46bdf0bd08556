using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>
    /// x_t = x_0 + t·ε: time is the noise's standard deviation. Karras et al. 2022, "Elucidating the design space", Table 1, last column.
    /// </summary>
    /// <param name="SigmaMin">The least noise that is visited, above 0.</param>
    /// <param name="SigmaMax">The most noise that is visited, above SigmaMin.</param>
    public sealed record Edm(double SigmaMin = 0.002, double SigmaMax = 80) : NoiseSchedule
    {
        /// <summary>The least noise that is visited, above 0.</summary>
        public double SigmaMin { get; init => field = Require.Between(value, 0, SigmaMax, nameof(SigmaMin)); } =
            Require.Between(SigmaMin, 0, SigmaMax);

        /// <summary>The most noise that is visited, above SigmaMin.</summary>
        public double SigmaMax { get; init => field = Require.Between(value, SigmaMin, double.PositiveInfinity, nameof(SigmaMax)); } =
            Require.Between(SigmaMax, SigmaMin, double.PositiveInfinity);

        /// <inheritdoc/>
        public override double FirstTime => SigmaMin;

        /// <inheritdoc/>
        public override double LastTime => SigmaMax;

        /// <inheritdoc/>
        /// <remarks>
        /// Any standard deviation is a time, also outside the visited range: training draws it from a log-normal distribution.
        /// </remarks>
        public override Marginal At(double time) => Marginal.OfSigma(time);

        /// <inheritdoc/>
        public override double TimeOf(double logSnr) => Clamp(Exp(-logSnr / 2), SigmaMin, SigmaMax);

        /// <inheritdoc/>
        public override NoiseLevel LevelOf(double noiseToSignal) => LevelAt(Require.Positive(noiseToSignal));
    }
}
