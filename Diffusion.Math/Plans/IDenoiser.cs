using Diffusion.Math.Noise;

namespace Diffusion.Math.Plans;

/// <summary>Estimates clean data from a noisy state.</summary>
/// <typeparam name="T">The vectors.</typeparam>
public interface IDenoiser<T>
{
    /// <summary>x̂_0, an estimate of E[x_0 | x_t] for a state whose marginal is that of <paramref name="level"/>.</summary>
    T Denoise(T state, NoiseLevel level);
}

/// <summary>A denoiser that also says how large the reverse step's variance should be.</summary>
/// <typeparam name="T">The vectors.</typeparam>
public interface ILearnedVariance<T> : IDenoiser<T>
{
    /// <summary>Both outputs of one network call.</summary>
    Denoised<T> DenoiseWithVariance(T state, NoiseLevel level);
}

/// <summary>What a network with a learned variance estimates.</summary>
/// <param name="Clean">x̂_0.</param>
/// <param name="Fraction">
/// Where the log-variance lies between its smallest and largest value, 0 to 1; (v + 1)/2 of the network's raw channels v.
/// </param>
/// <typeparam name="T">The vectors.</typeparam>
public readonly record struct Denoised<T>(T Clean, T Fraction);
