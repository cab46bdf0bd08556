using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Predictions;

/// <summary>How the gradient of a noisy classifier, ∇ log p(y | x_t), steers a step. A closed union; weights of that gradient.</summary>
public abstract record ClassifierGuidance
{
    private ClassifierGuidance()
    {
    }

    /// <summary>Weight of the gradient in the mean of a reverse step whose variance is <paramref name="variance"/>.</summary>
    public virtual double InMean(double variance) => 0;

    /// <summary>Weight of the gradient in the estimate x̂_0 at a noise level.</summary>
    public virtual double InDenoised(Marginal marginal) => 0;

    /// <summary>No classifier is asked.</summary>
    public sealed record None : ClassifierGuidance;

    /// <summary>
    /// The step's mean moves by scale·variance·gradient. Dhariwal and Nichol 2021, "Diffusion models beat GANs", Algorithm 1.
    /// </summary>
    /// <param name="Scale">s; finite.</param>
    public sealed record MeanShift(double Scale) : ClassifierGuidance
    {
        /// <summary>s; finite.</summary>
        public double Scale { get; init => field = Require.Finite(value, nameof(Scale)); } = Require.Finite(Scale);

        /// <inheritdoc/>
        public override double InMean(double variance) => Scale * variance;
    }

    /// <summary>
    /// ε̂ = ε − scale·Sigma·gradient, and with it x̂_0 moves by scale·Sigma²/Alpha·gradient. Dhariwal and Nichol 2021, Algorithm 2.
    /// </summary>
    /// <param name="Scale">s; finite.</param>
    public sealed record ScoreShift(double Scale) : ClassifierGuidance
    {
        /// <summary>s; finite.</summary>
        public double Scale { get; init => field = Require.Finite(value, nameof(Scale)); } = Require.Finite(Scale);

        /// <inheritdoc/>
        public override double InDenoised(Marginal marginal) => Scale * marginal.Sigma * marginal.Sigma / marginal.Alpha;
    }
}
