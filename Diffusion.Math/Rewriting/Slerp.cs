using Diffusion.Math.Values;

namespace Diffusion.Math.Rewriting;

/// <summary>Weights of two independent noises, so that their sum is as large a noise: a point of the arc between them.</summary>
/// <remarks>
/// Spherical interpolation: Shoemake 1985, "Animating rotation with quaternion curves", Eq. for slerp, with which Song et al. 2020 (DDIM,
/// Section 5.3) go from one start noise to another. Independent noises of many numbers stand at right angles but for chance, and with the
/// right angle the weights are cosine and sine: their squares add up to 1, so that every point of the way is standard normal noise.
/// On a straight line the middle would have half the variance, which no model was trained on.
/// </remarks>
/// <param name="OfFirst">Weight of the noise where the way begins.</param>
/// <param name="OfSecond">Weight of the noise where it ends.</param>
public readonly record struct Slerp(double OfFirst, double OfSecond)
{
    /// <summary>The point at a fraction of the way; exactly the first noise at 0, exactly the second at 1.</summary>
    /// <param name="fraction">From 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is outside [0, 1].</exception>
    public static Slerp At(double fraction) => Require.Within(fraction, 0, 1) switch
    {
        0 => new(1, 0),
        1 => new(0, 1),
        _ => new(Cos(PI / 2 * fraction), Sin(PI / 2 * fraction)),
    };

    /// <summary>Points at equal distances, both ends among them.</summary>
    /// <param name="count">At least 2.</param>
    public static Sequence<Slerp> Points(int count) =>
        Sequence.Generate(Require.AtLeast(count, 2), index => At((double)index / (count - 1)));
}
