using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

public abstract partial record Sampler
{
    /// <summary>
    /// The stochastic sampler of Karras et al. 2022: Algorithm 2, and in other times and scales their Algorithm 1 with the same churn,
    /// the form in which their code rebuilds earlier methods.
    /// </summary>
    /// <remarks>
    /// Solves dx/dt = (σ̇/σ + ṡ/s)·x − σ̇·s/σ·x̂_0 (their Eq. 81) for states x = s·(x_0 + σ·ε). The levels give the sigmas to visit; the
    /// state's scale is this sampler's own.
    /// </remarks>
    /// <param name="Curve">σ(t).</param>
    /// <param name="Scale">s(t).</param>
    /// <param name="Correction">Whether steps are of second order; the step to clean data never is.</param>
    /// <param name="Churn">Noise added on the way.</param>
    /// <param name="Clipping">What happens to x̂_0.</param>
    public sealed record Edm(
        SigmaCurve Curve, StateScale Scale, Correction Correction, Churn Churn, Clipping Clipping) : Sampler
    {
        /// <inheritdoc/>
        /// <remarks>Euler's method without correction; with it every fraction α gives order 2. Karras et al. 2022, Appendix D.2.</remarks>
        public override int ConvergenceOrder => Correction is Correction.None ? 1 : 2;

        /// <summary>Algorithm 2 as published: σ = t, no scaling, Heun's correction.</summary>
        public static Edm Of(Churn churn) =>
            new(new SigmaCurve.Linear(), new StateScale.One(), new Correction.At(), churn, new Clipping.None());

        /// <inheritdoc/>
        public override Sampler WithChurn(double amount) => this with { Churn = Churn with { Amount = amount } };

        /// <inheritdoc/>
        public override SamplerPlan Plan(NoisePath path)
        {
            var start = MarginalAt(Curve.TimeOf(path.Steps[0].From.Marginal.NoiseToSignal));
            return Planned("edm", path, index => Step(path, index)) with { InitialScale = path.ScaleOf(start) };
        }

        private protected override Spacing UsualSpacing => Spacing.Karras;

        private protected override NoisePath Rescaled(NoisePath path) => path.Exploding() with { Start = Start.NoiseAlone };

        // With σ(t) = t and s(t) = 1 this is Algorithm 2, by its line numbers:
        //   5   t̂ = t + γ·t                                        Churned
        //   6   x̂ = x + √(t̂² − t²)·S_noise·z                       Raised
        //   7   d = (x̂ − D(x̂; t̂))/t̂                               SlopeAt
        //   8   x' = x̂ + (t' − t̂)·d                                the last line of Step; where t' = 0 it ends here
        //  10   d' = (x' − D(x'; t'))/t'                           Corrected, with α = 1
        //  11   x' = x̂ + (t' − t̂)·(½·d + ½·d')                     Corrected, its last line
        private SamplerStep Step(NoisePath path, int index)
        {
            var step = path.Steps[index];
            var from = Curve.TimeOf(step.From.Marginal.NoiseToSignal);
            var to = Curve.TimeOf(step.To.Marginal.NoiseToSignal);
            var churned = Churned(from, path.Steps.Count);
            var level = churned == from ? step.From with { Marginal = MarginalAt(from) } : path.LevelOf(MarginalAt(churned));
            Sequence<Instruction> churn =
                churned == from ? [] : [new Instruction.Draw(Slot.Noise, index + 1), Raised(from, churned).Into(Slot.State)];
            var end = step.To with { Marginal = MarginalAt(to) };
            return new(step.From with { Marginal = MarginalAt(from) }, end,
            [
                .. churn,
                .. Clipping.Estimate(Clipping.Result, raw => new Instruction.Denoise(raw, Slot.State, level)),
                .. Correction is Correction.At correction && step.To.Marginal.Sigma > 0
                    ? Corrected(path, new(churned, to), correction.Fraction)
                    : [(Slot.State + (to - churned) * SlopeAt(churned, Slot.State)).Into(Slot.State)],
            ]);
        }

        private Sequence<Instruction> Corrected(NoisePath path, Stretch stretch, double fraction)
        {
            var h = stretch.To - stretch.From;
            var inner = stretch.From + fraction * h;
            var mixed = (1 - 1 / (2 * fraction)) * (Combination)Slot.Slope + 1 / (2 * fraction) * SlopeAt(inner, Slot.Predicted);
            return
            [
                SlopeAt(stretch.From, Slot.State).Into(Slot.Slope),
                (Slot.State + fraction * h * (Combination)Slot.Slope).Into(Slot.Predicted),
                .. Clipping.Estimate(Clipping.Result, raw => new Instruction.Denoise(raw, Slot.Predicted, path.LevelOf(MarginalAt(inner)))),
                (Slot.State + h * mixed).Into(Slot.State),
            ];
        }

        // t̂ with σ(t̂) = (1 + γ)·σ(t).
        private double Churned(double time, int steps)
        {
            var growth = Churn.GrowthAt(Curve.At(time), steps);
            return growth == 0 ? time : Curve.TimeOf((1 + growth) * Curve.At(time));
        }

        // x̂ = s(t̂)/s(t)·x + √(σ(t̂)² − σ(t)²)·s(t̂)·S_noise·z.
        private Combination Raised(double from, double to)
        {
            var (less, more) = (Curve.At(from), Curve.At(to));
            var noise = Sqrt(Max(more * more - less * less, 0)) * Scale.At(more) * Churn.NoiseScale;
            return Scale.At(more) / Scale.At(less) * (Combination)Slot.State + noise * (Combination)Slot.Noise;
        }

        private Combination SlopeAt(double time, Slot state)
        {
            var (sigma, change) = (Curve.At(time), Curve.SlopeAt(time));
            var scale = Scale.At(sigma);
            var ofState = change / sigma + Scale.SlopeAt(sigma) * change / scale;
            return ofState * (Combination)state - change * scale / sigma * (Combination)Clipping.Result;
        }

        private Marginal MarginalAt(double time)
        {
            var sigma = Curve.At(time);
            return new(Scale.At(sigma), Scale.At(sigma) * sigma);
        }

        private readonly record struct Stretch(double From, double To);
    }
}
