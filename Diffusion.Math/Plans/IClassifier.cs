using Diffusion.Math.Noise;

namespace Diffusion.Math.Plans;

/// <summary>A classifier of noisy states, for guidance.</summary>
/// <typeparam name="T">The vectors.</typeparam>
public interface IClassifier<T>
{
    /// <summary>∇ log p(y | x_t) with respect to the state, for the labels that are wanted.</summary>
    T Gradient(T state, NoiseLevel level);
}
