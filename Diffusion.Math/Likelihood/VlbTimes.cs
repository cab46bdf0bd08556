using Diffusion.Math.Values;

namespace Diffusion.Math.Likelihood;

/// <summary>
/// At which of T times the terms of a bound are computed: at all of them, or at some evenly spread ones that stand for all.
/// </summary>
/// <remarks>
/// The decoder's term at time 0 is always computed. The times 1, …, T − 1 are cut into M − 1 equal stretches, and one offset u, drawn
/// uniformly for each image, says where in every stretch the time lies: 1 + ⌊(u + i)·(T − 1)/(M − 1)⌋. Each time comes up with
/// probability (M − 1)/(T − 1), so that (T − 1)/(M − 1) times the sum of the terms is Σ L_t in the mean. Cochran 1977, "Sampling
/// techniques", Chapter 8.
/// </remarks>
/// <param name="Steps">T; at least 1.</param>
/// <param name="Evaluated">M, from 2 to T; 1 where T is 1.</param>
public sealed record VlbTimes(int Steps, int Evaluated)
{
    /// <summary>T; at least 1.</summary>
    public int Steps { get; } = Require.AtLeast(Steps, 1);

    /// <summary>M, from 2 to T; 1 where T is 1.</summary>
    public int Evaluated { get; } = Evaluated >= Min(2, Steps) && Evaluated <= Steps
        ? Evaluated
        : throw new ArgumentOutOfRangeException(nameof(Evaluated), $"{Evaluated} of {Steps} times; expected {Min(2, Steps)} to {Steps}.");

    /// <summary>All T times.</summary>
    public static VlbTimes All(int steps) => new(steps, steps);

    /// <summary>By what the sum of the computed terms from time 1 on has to be multiplied; 1 where all are computed.</summary>
    public double Scale => Steps == 1 ? 1 : (Steps - 1.0) / (Evaluated - 1);

    /// <summary>The times, rising, 0 the first; no time comes twice.</summary>
    /// <param name="offset">u, in [0, 1).</param>
    public IEnumerable<int> At(double offset) =>
        Enumerable.Range(0, Evaluated - 1).Select(stretch => Min(Steps - 1, 1 + (int)((offset + stretch) * Scale))).Prepend(0);
}
