namespace Diffusion.Math.Plans;

/// <summary>Supplies the noise of a run.</summary>
/// <typeparam name="T">The vectors.</typeparam>
public interface INoiseSource<T>
{
    /// <summary>Standard normal noise number <paramref name="number"/>; the same each time it is asked for.</summary>
    T Draw(int number);
}
