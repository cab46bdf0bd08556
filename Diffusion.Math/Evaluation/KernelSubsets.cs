using Diffusion.Math.Numerics;

namespace Diffusion.Math.Evaluation;

/// <summary>How the KID's subsets are drawn.</summary>
/// <param name="Count">How many pairs of subsets.</param>
/// <param name="Size">How many vectors in each subset.</param>
/// <param name="Seed">Where the drawing starts.</param>
/// <remarks>
/// The rule and the defaults of torch-fidelity: one NumPy RandomState(Seed), which for each pair draws the first subset and then the
/// second, each the beginning of a permutation of all indices. Same features, same numbers.
/// </remarks>
public sealed record KernelSubsets(int Count = 100, int Size = 1000, uint Seed = 2020)
{
    /// <summary>The pairs of subsets of two sets of the given sizes.</summary>
    /// <exception cref="ArgumentException">A set is smaller than a subset.</exception>
    public IEnumerable<SubsetPair> Draw(int firstCount, int secondCount)
    {
        if (Min(firstCount, secondCount) < Size)
            throw new ArgumentException($"Subsets of {Size} cannot be drawn from sets of {firstCount} and {secondCount}.");
        var random = new MersenneTwister(Seed);
        return [.. Enumerable.Range(0, Count).Select(_ => new SubsetPair(
            random.Permutation(firstCount).AsMemory(0, Size),
            random.Permutation(secondCount).AsMemory(0, Size)))];
    }
}

/// <summary>Mean and spread of one number over several parts of the data.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The standard deviation with divisor n, as torch-fidelity prints it.</param>
public readonly record struct Spread(double Mean, double Deviation)
{
    /// <summary>The spread of <paramref name="values"/>; NaN where there are none.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] all = [.. values];
        var mean = all.Sum() / all.Length;
        return new(mean, Sqrt(all.Sum(value => (value - mean) * (value - mean)) / all.Length));
    }
}
