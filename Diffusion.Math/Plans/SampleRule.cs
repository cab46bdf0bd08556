using Diffusion.Math.Values;

namespace Diffusion.Math.Plans;

/// <summary>
/// Weights of a few vectors that follow, sample by sample, from the vectors' own sums and scalar products. A closed union: what is not
/// linear about guidance.
/// </summary>
public abstract record SampleRule
{
    private SampleRule()
    {
    }

    /// <summary>How many vectors it is about.</summary>
    public int Vectors => 2;

    /// <summary>The weight of each vector in a sample of the result.</summary>
    public abstract Sequence<double> WeightsOf(SampleMoments sample);

    /// <summary>
    /// Of a direction Δ and an estimate D: Δ shortened to the radius, and of its part parallel to D only a share. Sadat et al. 2024,
    /// "Eliminating oversaturation and artifacts of high guidance scales in diffusion models", Section 4.
    /// </summary>
    /// <param name="Parallel">η, the share of the parallel part.</param>
    /// <param name="Radius">The largest norm; null for no limit.</param>
    public sealed record Project(double Parallel, double? Radius) : SampleRule
    {
        /// <inheritdoc/>
        public override Sequence<double> WeightsOf(SampleMoments sample)
        {
            var (norm, size) = (Sqrt(sample.Product(0, 0)), sample.Product(1, 1));
            var shortened = Radius is { } most && norm > most ? most / norm : 1;
            return [shortened, size > 0 ? -shortened * (1 - Parallel) * sample.Product(0, 1) / size : 0];
        }
    }

    /// <summary>
    /// Of a conditional answer and a combination: the combination times Share·σ(conditional)/σ(combination) + 1 − Share. Lin et al. 2023,
    /// Eq. 15 and 16.
    /// </summary>
    /// <param name="Share">φ, in [0, 1].</param>
    public sealed record Rescale(double Share) : SampleRule
    {
        /// <inheritdoc/>
        public override Sequence<double> WeightsOf(SampleMoments sample) =>
            [0, sample.Sigma(1) is > 0 and var combined ? Share * sample.Sigma(0) / combined + 1 - Share : 1];
    }
}

/// <summary>Sums and scalar products of a few vectors, each of one sample.</summary>
/// <param name="Count">How many numbers the sample has.</param>
/// <param name="Sums">The sum of each vector's numbers.</param>
/// <param name="Products">The scalar products, row by row.</param>
public sealed record SampleMoments(int Count, Sequence<double> Sums, Sequence<double> Products)
{
    /// <summary>The scalar product of two of the vectors.</summary>
    public double Product(int one, int other) => Products[one * Sums.Count + other];

    /// <summary>The standard deviation of a vector's numbers, over n − 1; 0 for a single number.</summary>
    public double Sigma(int vector) =>
        Count < 2 ? 0 : Sqrt(Max(0, Product(vector, vector) - Sums[vector] * Sums[vector] / Count) / (Count - 1));
}
