namespace Diffusion.Model.Likelihood;

/// <summary>The bound on −log₂ p(x_0) of one image, in bits per number of the image. Ho et al. 2020, Eq. 5.</summary>
/// <param name="Decoder">L_0 = −log₂ p(x_0 | x_1): what it costs to tell the bytes from the least noisy state; at least 0.</param>
/// <param name="Chain">Σ L_t for t from 1 to T − 1, or an unbiased estimate of it; at least 0.</param>
/// <param name="Prior">L_T: what is left of the image at the noisiest level; at least 0.</param>
public readonly record struct ImageBound(double Decoder, double Chain, double Prior)
{
    /// <summary>The whole bound.</summary>
    public double Total => Decoder + Chain + Prior;
}
