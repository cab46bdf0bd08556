namespace Diffusion.Math.Plans;

/// <summary>What an edited run is given: a real image, and which part of it is to stay.</summary>
/// <typeparam name="T">The vectors.</typeparam>
public interface IOriginal<T>
{
    /// <summary>The image x_0, clean and whole.</summary>
    T Image { get; }

    /// <summary>
    /// Number by number, <paramref name="known"/> where the image is to stay and <paramref name="made"/> elsewhere. Lugmayr et al. 2022,
    /// Eq. 8c: m ⊙ known + (1 − m) ⊙ made.
    /// </summary>
    T Restore(T known, T made);
}
