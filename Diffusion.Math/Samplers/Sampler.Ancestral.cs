using System.Diagnostics;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

public abstract partial record Sampler
{
    /// <summary>Ancestral sampling: x_s ~ N(posterior mean at (x_t, x̂_0), variance). Ho et al. 2020, Algorithm 2.</summary>
    /// <remarks>With x̂_0 read from ε this is μ = 1/√α_t · (x_t − β_t/√(1 − ᾱ_t)·ε), their Eq. 11.</remarks>
    /// <param name="Variance">The reverse step's variance.</param>
    /// <param name="Clipping">What happens to x̂_0 before the posterior mean.</param>
    /// <param name="Final">Whether the step to clean data adds noise.</param>
    public sealed record Ancestral(
        Variance Variance, Clipping Clipping, FinalNoise Final = FinalNoise.None) : Sampler
    {
        /// <inheritdoc/>
        /// <remarks>
        /// Euler and Maruyama's method for the reverse stochastic equation up to higher terms: Song et al. 2021, Appendix E.
        /// </remarks>
        public override int ConvergenceOrder => 1;

        /// <inheritdoc/>
        public override SamplerPlan Plan(NoisePath path) => Planned("ancestral", path, index => Step(path, index));

        private protected override Spacing UsualSpacing => Spacing.Leading;

        private SamplerStep Step(NoisePath path, int index)
        {
            var (from, to) = path.Steps[index];
            var posterior = Posterior.Of(to.Marginal, from.Marginal);
            var mean = posterior.OfState * (Combination)Slot.State + posterior.OfClean * (Combination)Clipping.Result;
            var silent = to.Marginal.Sigma == 0 && (Final == FinalNoise.None || from.Time == path.Schedule.FirstTime);
            return Variance switch
            {
                Variance.Fixed variance => new(from, to,
                [
                    .. Clipping.Estimate(Clipping.Result, raw => new Instruction.Denoise(raw, Slot.State, from)),
                    .. Noisy(mean, silent ? 0 : variance.SigmaOf(to.Marginal, from.Marginal), index),
                ]),
                Variance.Learned variance => new(from, to,
                [
                    .. Clipping.Estimate(Clipping.Result, raw => new Instruction.DenoiseWithVariance(raw, Slot.Fraction, Slot.State, from)),
                    .. silent ? [mean.Into(Slot.State)] : Learned(mean, variance.SigmaRangeOf(to.Marginal, from.Marginal), index),
                ]),
                _ => throw new UnreachableException(),
            };
        }

        private static Sequence<Instruction> Learned(Combination mean, LogRange range, int index) =>
        [
            new Instruction.Draw(Slot.Noise, index + 1),
            new Instruction.Modulate(Slot.Noise, Slot.Noise, Slot.Fraction, range),
            (mean + Slot.Noise).Into(Slot.State),
        ];
    }
}
