using Diffusion.Math.Plans;
using Diffusion.Math.Spacings;

namespace Diffusion.Math.Samplers;

public abstract partial record Sampler
{
    /// <summary>Heun's second-order method on dx/dσ = (x − x̂_0)/σ. Karras et al. 2022, Algorithm 1.</summary>
    /// <remarks>
    /// The slope is the implied noise ε̂; a step is x' + (σ' − σ)·(ε̂ + ε̂')/2 for the state divided by alpha, and Euler's where nothing
    /// is left of the noise.
    /// </remarks>
    /// <param name="Clipping">What happens to x̂_0.</param>
    public sealed record Heun(Clipping Clipping) : Sampler
    {
        /// <inheritdoc/>
        /// <remarks>Karras et al. 2022, Section 3.</remarks>
        public override int ConvergenceOrder => 2;

        /// <inheritdoc/>
        public override SamplerPlan Plan(NoisePath path) => Planned("heun", path, index => Step(path.Steps[index]));

        private protected override Spacing UsualSpacing => Spacing.Karras;

        private protected override NoisePath Rescaled(NoisePath path) => path.Exploding();

        private SamplerStep Step(TimeStep step)
        {
            var (from, to) = (step.From.Marginal, step.To.Marginal);
            var distance = to.Alpha * (to.NoiseToSignal - from.NoiseToSignal);
            var start = to.Alpha / from.Alpha * (Combination)Slot.State;
            var slope = NoiseIn(Slot.State, Clipping.Result, from);
            var ask = Clipping.Estimate(Clipping.Result, raw => new Instruction.Denoise(raw, Slot.State, step.From));
            if (to.Sigma == 0)
                return new(step.From, step.To, [.. ask, (start + distance * slope).Into(Slot.State)]);
            var corrected = NoiseIn(Slot.Predicted, Clipping.Result, to);
            return new(step.From, step.To,
            [
                .. ask,
                slope.Into(Slot.Slope),
                (start + distance * (Combination)Slot.Slope).Into(Slot.Predicted),
                .. Clipping.Estimate(Clipping.Result, raw => new Instruction.Denoise(raw, Slot.Predicted, step.To)),
                (start + distance / 2 * ((Combination)Slot.Slope + corrected)).Into(Slot.State),
            ]);
        }
    }
}
