using Diffusion.Math.Noise;
using Diffusion.Math.Numerics;
using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>
    /// dx = −½·β(t)·x dt + √β(t) dw with β rising linearly from t = 0 to 1. Song et al. 2020, "Score-based generative modeling", Eq. 32 and
    /// 33.
    /// </summary>
    /// <remarks>log ᾱ = −(½·(BetaMax − BetaMin)·t² + BetaMin·t), Alpha² + Sigma² = 1.</remarks>
    /// <param name="BetaMin">β(0), above 0.</param>
    /// <param name="BetaMax">β(1), at least BetaMin.</param>
    /// <param name="Start">The least noisy time, in [0, 1); the paper samples down to 10⁻³.</param>
    public sealed record VariancePreserving(double BetaMin = 0.1, double BetaMax = 20, double Start = 1e-3) : NoiseSchedule
    {
        /// <summary>β(0), above 0.</summary>
        public double BetaMin { get; init => field = Require.Positive(value, nameof(BetaMin)); } = Require.Positive(BetaMin);

        /// <summary>β(1), at least BetaMin.</summary>
        public double BetaMax { get; init => field = Require.AtLeast(Require.Finite(value, nameof(BetaMax)), BetaMin, nameof(BetaMax)); } =
            Require.AtLeast(Require.Finite(BetaMax), BetaMin, nameof(BetaMax));

        /// <summary>The least noisy time, in [0, 1).</summary>
        public double Start { get; init => field = Require.Within(value, 0, BitDecrement(1.0), nameof(Start)); } =
            Require.Within(Start, 0, BitDecrement(1.0));

        /// <inheritdoc/>
        public override double FirstTime => Start;

        /// <inheritdoc/>
        public override double LastTime => 1;

        /// <inheritdoc/>
        public override Marginal At(double time)
        {
            var decay = Require.Within(time, 0, 1) * (BetaMin + (BetaMax - BetaMin) * time / 2);
            return new(Exp(-decay / 2), Sqrt(-Special.Expm1(-decay)));
        }

        /// <inheritdoc/>
        public override double TimeOf(double logSnr)
        {
            if (double.IsNegativeInfinity(logSnr))
                return LastTime;
            // −log ᾱ = log(1 + e^(−λ)), and then the positive root of a quadratic, in the form that does not cancel.
            var decay = logSnr < -700 ? -logSnr : Special.Log1p(Exp(-logSnr));
            return Clamp(2 * decay / (BetaMin + Sqrt(BetaMin * BetaMin + 2 * (BetaMax - BetaMin) * decay)), FirstTime, LastTime);
        }

        /// <inheritdoc/>
        public override NoiseLevel LevelOf(double noiseToSignal)
        {
            var marginal = Marginal.OfSigma(Require.Positive(noiseToSignal)).VariancePreserving;
            return new(TimeOf(marginal.LogSnr), marginal);
        }
    }
}
