using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;

namespace Diffusion.Math.Likelihood;

/// <summary>
/// The bound on −log p(x_0) that a diffusion model is judged by, term by term for one number of an image. Ho et al. 2020, Eq. 5.
/// </summary>
/// <remarks>L = L_T + Σ_{t ≥ 1} L_t + L_0, each in nats; <see cref="BitsPerDimension"/> adds them up.</remarks>
/// <param name="Schedule">The noising chain.</param>
/// <param name="Variance">That of the reverse steps.</param>
/// <param name="Decoder">How the last step becomes a pixel.</param>
public sealed record VariationalBound(NoiseSchedule.Discrete Schedule, Variance Variance, PixelLikelihood Decoder)
{
    /// <summary>L_T = KL(q(x_T | x_0) ‖ N(0, 1)): what is left of the data at the noisiest level.</summary>
    public double Prior(double clean)
    {
        var last = Schedule.At(Schedule.LastTime);
        return new Normal(last.Alpha * clean, 2 * Log(last.Sigma)).DivergenceFrom(Normal.Standard);
    }

    /// <summary>
    /// q(x_{t−1} | x_t, x_0), with the variance's logarithm at t = 0 that <see cref="Predictions.Variance.RangeAt"/> explains.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is outside 0 … T − 1.</exception>
    public Normal Posterior(int time, double state, double clean)
    {
        var posterior = Schedule.PosteriorAt(time);
        return new(posterior.OfState * state + posterior.OfClean * clean, new Variance.Small().RangeAt(Schedule, time).LogAt());
    }

    /// <summary>p(x_{t−1} | x_t), the posterior at the estimate x̂_0 with the model's variance.</summary>
    /// <param name="time">t, from 0 to T − 1.</param>
    /// <param name="state">x_t.</param>
    /// <param name="denoised">x̂_0.</param>
    /// <param name="output">What the network says about the variance, where it is learned.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is outside 0 … T − 1.</exception>
    public Normal Reverse(int time, double state, double denoised, double output = -1) =>
        Posterior(time, state, denoised) with { LogVariance = Variance.RangeAt(Schedule, time).LogAt(output) };

    /// <summary>L_t = KL(q(x_{t−1} | x_t, x_0) ‖ p(x_{t−1} | x_t)) for t ≥ 1, and L_0 = −log p(x_0 | x_1) of the pixel for t = 0.</summary>
    /// <param name="time">t, from 0 to T − 1.</param>
    /// <param name="state">x_t.</param>
    /// <param name="clean">x_0; a pixel's value scaled to [−1, 1].</param>
    /// <param name="reverse">p(x_{t−1} | x_t).</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is outside 0 … T − 1.</exception>
    public double Term(int time, double state, double clean, Normal reverse) =>
        time == 0
            ? -Decoder.LogProbability(clean, reverse.Mean, reverse.LogVariance / 2)
            : Posterior(time, state, clean).DivergenceFrom(reverse);

    /// <summary>The term of a time as a function of the estimate's error.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is outside 0 … T − 1.</exception>
    public VlbStep StepAt(int time)
    {
        var (own, range) = (new Variance.Small().RangeAt(Schedule, time), Variance.RangeAt(Schedule, time));
        return new(Schedule.PosteriorAt(
            time).OfClean, own.LogAt(), Log(range.Low), Log(range.High), time == 0 ? VlbTermKind.Pixel : VlbTermKind.Divergence);
    }

    /// <summary>The term of one of the chain's levels, which in a respaced chain has a time of its own.</summary>
    public VlbStep StepAt(NoiseLevel level) => StepAt((int)Round(Schedule.TimeOf(level.Marginal.LogSnr)));
}
