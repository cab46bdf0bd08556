using Diffusion.Math.Noise;
using Diffusion.Math.Schedules;

namespace Diffusion.Math.Predictions;

/// <summary>The variance of the reverse step p(x_s | x_t). A closed union: a number, or the network's choice between two.</summary>
public abstract record Variance
{
    private Variance()
    {
    }

    /// <summary>
    /// Between which values the variance lies in the step back over <paramref name="step"/>; equal ones where nothing is learned.
    /// </summary>
    public abstract VarianceRange RangeOf(Transition step, Posterior posterior);

    /// <summary>Between which values the variance lies in the step from <paramref name="later"/> to <paramref name="earlier"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="later"/> is less noisy than <paramref name="earlier"/>, or has no
    /// noise.</exception>
    public VarianceRange RangeOf(Marginal earlier, Marginal later)
    {
        var step = Transition.Of(earlier, later);
        return RangeOf(step, Posterior.Of(earlier, step, later));
    }

    /// <summary>Between which values the variance of the step from t to t − 1 lies, as a likelihood needs it.</summary>
    /// <remarks>
    /// The posterior's variance is 0 at t = 0, where its logarithm is wanted none the less: there the one at t = 1 takes its place, and
    /// that of
    /// the large variance. Sampling is not concerned, as its last step adds no noise. The convention of Ho's and of guided-diffusion's
    /// code.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The time is outside 0 … T − 1.</exception>
    public VarianceRange RangeAt(NoiseSchedule.Discrete schedule, int time) =>
        time == 0 && schedule.Steps > 1
            ? FirstRange(schedule.Step(time), schedule.PosteriorAt(1))
            : RangeOf(schedule.Step(time), schedule.PosteriorAt(time));

    private protected virtual VarianceRange FirstRange(Transition first, Posterior second) => RangeOf(first, second);

    /// <summary>A variance that is one number per step.</summary>
    public abstract record Fixed : Variance
    {
        private protected Fixed()
        {
        }

        /// <summary>Standard deviation of the step from <paramref name="later"/> to <paramref name="earlier"/>.</summary>
        /// <exception cref="ArgumentException"><paramref name="later"/> is less noisy than <paramref name="earlier"/>, or has no
        /// noise.</exception>
        public double SigmaOf(Marginal earlier, Marginal later) => Sqrt(RangeOf(earlier, later).Low);
    }

    /// <summary>A variance that the network chooses, pixel by pixel.</summary>
    public abstract record Learned : Variance
    {
        // A step to clean data has a posterior without variance; its logarithm is that of this.
        private const double LeastSigma = 1e-10;

        private protected Learned()
        {
        }

        /// <summary>
        /// The standard deviation of the step from <paramref name="later"/> to <paramref name="earlier"/>, as a function of the fraction.
        /// </summary>
        /// <exception cref="ArgumentException"><paramref name="later"/> is less noisy than <paramref name="earlier"/>, or has no
        /// noise.</exception>
        public LogRange SigmaRangeOf(Marginal earlier, Marginal later)
        {
            var (low, high) = RangeOf(earlier, later);
            return new(Log(Max(Sqrt(low), LeastSigma)), Log(high) / 2);
        }
    }

    /// <summary>
    /// β̃_t, the posterior's own: right for data that is a single point. Ho et al. 2020, Section 3.2. What diffusers defaults to.
    /// </summary>
    public sealed record Small : Fixed
    {
        /// <inheritdoc/>
        public override VarianceRange RangeOf(Transition step, Posterior posterior) => VarianceRange.Of(posterior.Sigma * posterior.Sigma);
    }

    /// <summary>
    /// β_t, the forward step's: right for data that is standard normal. Ho et al. 2020, Section 3.2. What their FID of 3.17 uses.
    /// </summary>
    public sealed record Large : Fixed
    {
        /// <inheritdoc/>
        public override VarianceRange RangeOf(Transition step, Posterior posterior) => VarianceRange.Of(step.Sigma * step.Sigma);

        private protected override VarianceRange FirstRange(Transition first, Posterior second) => new Small().RangeOf(first, second);
    }

    /// <summary>
    /// exp(f·log β_t + (1 − f)·log β̃_t) with a fraction f that the network chooses pixel by pixel. Nichol and Dhariwal 2021, "Improved
    /// denoising diffusion probabilistic models", Eq. 15.
    /// </summary>
    public sealed record LearnedRange : Learned
    {
        /// <inheritdoc/>
        public override VarianceRange RangeOf(Transition step, Posterior posterior) =>
            new(posterior.Sigma * posterior.Sigma, step.Sigma * step.Sigma);
    }

    /// <summary>
    /// The network's output is the logarithm of the variance itself. "LEARNED" of guided-diffusion; "learned" of diffusers is another
    /// thing, the variance without a logarithm.
    /// </summary>
    /// <remarks>The same as interpolating from 1/e to e, whatever the step: an output of −1 or 1, a fraction of 0 or 1.</remarks>
    public sealed record LearnedLogarithm : Learned
    {
        /// <inheritdoc/>
        public override VarianceRange RangeOf(Transition step, Posterior posterior) => new(1 / E, E);
    }
}
