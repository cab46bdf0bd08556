namespace Diffusion.Math.Likelihood;

/// <summary>The scalars that turn a network's error at one time into its term of the bound: all that Math decides of a term.</summary>
/// <remarks>
/// Both means are those of the posterior, at x_0 and at the estimate x̂_0, so that they differ by OfClean·(x̂_0 − x_0): the state cancels.
/// With v of the network, log σ² = ½(1 + v)·LogHigh + ½(1 − v)·LogLow.
/// </remarks>
/// <param name="OfClean">Weight of the clean data in the posterior's mean; 1 at t = 0.</param>
/// <param name="LogPosterior">Logarithm of the variance of q(x_{t−1} | x_t, x_0).</param>
/// <param name="LogLow">Logarithm of the variance of p(x_{t−1} | x_t) at v = −1, and at any v where none is learned.</param>
/// <param name="LogHigh">The same at v = 1.</param>
/// <param name="Kind">What the term is.</param>
public readonly record struct VlbStep(double OfClean, double LogPosterior, double LogLow, double LogHigh, VlbTermKind Kind)
{
    /// <summary>L_t for one number of an image, in nats.</summary>
    /// <param name="error">x̂_0 − x_0.</param>
    /// <param name="clean">x_0; a pixel's value scaled to [−1, 1].</param>
    /// <param name="output">v.</param>
    /// <param name="decoder">How the last step becomes a pixel.</param>
    public double Term(double error, double clean, double output, PixelLikelihood decoder)
    {
        var (distance, logVariance) = (
            OfClean * error, LogLow == LogHigh ? LogLow : (1 + output) / 2 * LogHigh + (1 - output) / 2 * LogLow);
        return Kind == VlbTermKind.Pixel
            ? -decoder.LogProbability(clean, clean + distance, logVariance / 2)
            : new Normal(0, LogPosterior).DivergenceFrom(new(distance, logVariance));
    }
}

/// <summary>What a term of the bound is.</summary>
public enum VlbTermKind
{
    /// <summary>L_t = KL(q(x_{t−1} | x_t, x_0) ‖ p(x_{t−1} | x_t)), for t ≥ 1.</summary>
    Divergence,

    /// <summary>L_0 = −log p(x_0 | x_1) of the pixel.</summary>
    Pixel,
}
