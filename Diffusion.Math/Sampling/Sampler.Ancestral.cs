using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;

namespace Diffusion.Math.Sampling;

public abstract partial record Sampler
{
    /// <summary>Ancestral sampling: x_s ~ N(posterior mean at (x_t, x̂_0), variance). Ho et al. 2020, Algorithm 2.</summary>
    /// <remarks>
    /// With x̂_0 read from ε this is μ = 1/√α_t · (x_t − β_t/√(1 − ᾱ_t)·ε), their Eq. 11. The step to clean data adds no noise.
    /// </remarks>
    /// <param name="Variance">The reverse step's variance.</param>
    /// <param name="Limit">What happens to x̂_0 before the posterior mean.</param>
    public sealed record Ancestral(Variance Variance, Limit Limit) : Sampler
    {
        /// <inheritdoc/>
        public override SamplerPlan Plan(NoiseSchedule.Discrete schedule, TimeGrid grid) =>
            new("ancestral", 1, SingleEvaluation(schedule, grid, Limit, (earlier, later) =>
            {
                var posterior = Posterior.Of(earlier, later);
                return new(posterior.OfState, 0, posterior.OfClean, earlier.Sigma == 0 ? 0 : Variance.SigmaOf(earlier, later));
            }));
    }
}
