using Diffusion.Math.Noise;

namespace Diffusion.Math.Predictions;

/// <summary>The variance of the reverse step p(x_s | x_t). A closed union: a number, or the network's choice between two.</summary>
public abstract record Variance
{
    // A step to clean data has a posterior without variance; its logarithm is that of this.
    private const double LeastSigma = 1e-10;

    private Variance()
    {
    }

    /// <summary>A variance that is one number per step.</summary>
    public abstract record Fixed : Variance
    {
        private protected Fixed()
        {
        }

        /// <summary>Standard deviation of the step from <paramref name="later"/> to <paramref name="earlier"/>.</summary>
        public abstract double SigmaOf(Marginal earlier, Marginal later);
    }

    /// <summary>β̃_t, the posterior's own: right for data that is a single point. Ho et al. 2020, Section 3.2. What diffusers defaults to.</summary>
    public sealed record Small : Fixed
    {
        /// <inheritdoc/>
        public override double SigmaOf(Marginal earlier, Marginal later) => Posterior.Of(earlier, later).Sigma;
    }

    /// <summary>β_t, the forward step's: right for data that is standard normal. Ho et al. 2020, Section 3.2. What their FID of 3.17 uses.</summary>
    public sealed record Large : Fixed
    {
        /// <inheritdoc/>
        public override double SigmaOf(Marginal earlier, Marginal later) => Transition.Of(earlier, later).Sigma;
    }

    /// <summary>
    /// exp(f·log β_t + (1 − f)·log β̃_t) with a fraction f that the network chooses pixel by pixel. Nichol and Dhariwal 2021, "Improved
    /// denoising diffusion probabilistic models", Eq. 15.
    /// </summary>
    public sealed record LearnedRange : Variance
    {
        /// <summary>The standard deviation of the step from <paramref name="later"/> to <paramref name="earlier"/>, as a function of the fraction.</summary>
        public LogRange SigmaRangeOf(Marginal earlier, Marginal later) =>
            new(Log(Max(Posterior.Of(earlier, later).Sigma, LeastSigma)), Log(Transition.Of(earlier, later).Sigma));
    }
}
