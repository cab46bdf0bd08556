using Diffusion.Math.Noise;

namespace Diffusion.Math.Sampling;

/// <summary>Estimates clean data from a noisy state.</summary>
/// <typeparam name="T">The vectors.</typeparam>
public interface IDenoiser<T>
{
    /// <summary>x̂_0, an estimate of E[x_0 | x_t] for a state whose marginal is that of <paramref name="level"/>.</summary>
    T Denoise(T state, NoiseLevel level);
}

/// <summary>Supplies the noise of a run.</summary>
/// <typeparam name="T">The vectors.</typeparam>
public interface INoiseSource<T>
{
    /// <summary>Standard normal noise number <paramref name="number"/>; the same each time it is asked for.</summary>
    T Draw(int number);
}
