using Diffusion.Math.Plans;

namespace Diffusion.Math.Samplers;

public abstract partial record Sampler
{
    /// <summary>Euler's method on dx/dσ = (x − x̂_0)/σ. Karras et al. 2022, Algorithm 1 without its correction.</summary>
    /// <remarks>On states of any scale this is deterministic DDIM: the two are one method in two notations.</remarks>
    /// <param name="Clipping">What happens to x̂_0.</param>
    public sealed record Euler(Clipping Clipping) : Sampler
    {
        /// <inheritdoc/>
        /// <remarks>Karras et al. 2022, Section 3.</remarks>
        public override int ConvergenceOrder => 1;

        /// <inheritdoc/>
        public override SamplerPlan Plan(NoisePath path) => SingleEvaluation("euler", path, Clipping, (from, to) =>
            ImplicitStep(from, to, 0, new(Clipping.Result, Clipping.Result)));

        private protected override NoisePath Rescaled(NoisePath path) => path.Exploding();
    }
}
