using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

public abstract partial record Sampler
{
    /// <summary>
    /// Euler's method down to σ_down and noise back up to σ: σ_up = η·σ'·√(1 − σ'²/σ²), σ_down = √(σ'² − σ_up²). The ancestral sampler
    /// of k-diffusion (Crowson 2022).
    /// </summary>
    /// <remarks>Stochastic DDIM in another notation; with η = 1 ancestral sampling with the small variance.</remarks>
    /// <param name="Eta">η, in [0, 1].</param>
    /// <param name="Clipping">What happens to x̂_0.</param>
    public sealed record EulerAncestral(double Eta, Clipping Clipping) : Sampler
    {
        /// <inheritdoc/>
        /// <remarks>Without its noise it is Euler's method.</remarks>
        public override int ConvergenceOrder => 1;

        /// <summary>η, in [0, 1].</summary>
        public double Eta { get; init => field = Require.Within(value, 0, 1, nameof(Eta)); } = Require.Within(Eta, 0.0, 1.0);

        /// <inheritdoc/>
        public override Sampler WithEta(double eta) => this with { Eta = eta };

        /// <inheritdoc/>
        public override SamplerPlan Plan(NoisePath path) => SingleEvaluation("euler-ancestral", path, Clipping, (from, to) =>
            ImplicitStep(from, to, Eta, new(Clipping.Result, Clipping.Result)));

        private protected override NoisePath Rescaled(NoisePath path) => path.Exploding();
    }
}
