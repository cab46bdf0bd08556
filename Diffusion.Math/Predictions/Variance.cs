using Diffusion.Math.Noise;

namespace Diffusion.Math.Predictions;

/// <summary>The variance of the reverse step p(x_s | x_t). A closed union.</summary>
public abstract record Variance
{
    private Variance()
    {
    }

    /// <summary>Standard deviation of the step from <paramref name="later"/> to <paramref name="earlier"/>.</summary>
    public abstract double SigmaOf(Marginal earlier, Marginal later);

    /// <summary>β̃_t, the posterior's own: right for data that is a single point. Ho et al. 2020, Section 3.2. What diffusers defaults to.</summary>
    public sealed record Small : Variance
    {
        /// <inheritdoc/>
        public override double SigmaOf(Marginal earlier, Marginal later) => Posterior.Of(earlier, later).Sigma;
    }

    /// <summary>β_t, the forward step's: right for data that is standard normal. Ho et al. 2020, Section 3.2. What their FID of 3.17 uses.</summary>
    public sealed record Large : Variance
    {
        /// <inheritdoc/>
        public override double SigmaOf(Marginal earlier, Marginal later) => Transition.Of(earlier, later).Sigma;
    }
}
