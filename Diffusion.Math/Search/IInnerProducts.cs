using Diffusion.Math.Plans;

namespace Diffusion.Math.Search;

/// <summary>Vectors whose distances can be measured.</summary>
/// <typeparam name="T">The vectors; operations return new ones and change none.</typeparam>
public interface IInnerProducts<T> : IVectorSpace<T>
{
    /// <summary>Σ left·right over the numbers of each sample, sample by sample.</summary>
    double[] Inner(T left, T right);
}
