using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>
    /// x_t = x_0 + σ(t)·ε with σ(t) = SigmaMin·(SigmaMax/SigmaMin)^t, t from 0 to 1. Song et al. 2020, "Score-based generative modeling",
    /// Eq. 31.
    /// </summary>
    /// <param name="SigmaMin">σ(0), above 0.</param>
    /// <param name="SigmaMax">σ(1), above SigmaMin.</param>
    public sealed record VarianceExploding(double SigmaMin = 0.02, double SigmaMax = 100) : NoiseSchedule
    {
        /// <summary>σ(0), above 0.</summary>
        public double SigmaMin { get; init => field = Require.Between(value, 0, SigmaMax, nameof(SigmaMin)); } =
            Require.Between(SigmaMin, 0, SigmaMax);

        /// <summary>σ(1), above SigmaMin.</summary>
        public double SigmaMax { get; init => field = Require.Between(value, SigmaMin, double.PositiveInfinity, nameof(SigmaMax)); } =
            Require.Between(SigmaMax, SigmaMin, double.PositiveInfinity);

        /// <inheritdoc/>
        public override double FirstTime => 0;

        /// <inheritdoc/>
        public override double LastTime => 1;

        /// <inheritdoc/>
        public override Marginal At(double time) => Marginal.OfSigma(SigmaMin * Pow(SigmaMax / SigmaMin, Require.Within(time, 0, 1)));

        /// <inheritdoc/>
        public override double TimeOf(double logSnr) => Clamp((-logSnr / 2 - Log(SigmaMin)) / Log(SigmaMax / SigmaMin), 0, 1);

        /// <inheritdoc/>
        public override NoiseLevel LevelOf(double noiseToSignal)
        {
            var marginal = Marginal.OfSigma(Require.Positive(noiseToSignal));
            return new(TimeOf(marginal.LogSnr), marginal);
        }
    }
}
