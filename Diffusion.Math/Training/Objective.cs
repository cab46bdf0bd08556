using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

/// <summary>What training minimises: the squared error, the variational bound, or both. A closed union.</summary>
public abstract record Objective
{
    private Objective()
    {
    }

    /// <summary>Weights of the two for a random time of a chain of <paramref name="steps"/>.</summary>
    public abstract ObjectiveWeights For(int steps);

    /// <summary>L_simple, the squared error alone. Ho et al. 2020, Eq. 14.</summary>
    public sealed record Simple : Objective
    {
        /// <inheritdoc/>
        public override ObjectiveWeights For(int steps) => new(1, 0);
    }

    /// <summary>L_hybrid = L_simple + λ·L_vlb: the bound teaches only the variance. Nichol and Dhariwal 2021, Eq. 16.</summary>
    /// <remarks>Gradients of the bound must not reach the mean. guided-diffusion's RESCALED_MSE; its MSE has λ = 1/T.</remarks>
    /// <param name="Share">λ, at least 0.</param>
    public sealed record Hybrid(double Share = 1e-3) : Objective
    {
        /// <summary>λ, at least 0.</summary>
        public double Share { get; init => field = Require.NonNegative(value, nameof(Share)); } = Require.NonNegative(Share);

        /// <inheritdoc/>
        public override ObjectiveWeights For(int steps) => new(1, Share * steps);
    }

    /// <summary>
    /// L_vlb, estimated by T times the term of a random time. Nichol and Dhariwal 2021, Section 3.3; guided-diffusion's RESCALED_KL.
    /// </summary>
    public sealed record Bound : Objective
    {
        /// <inheritdoc/>
        public override ObjectiveWeights For(int steps) => new(0, steps);
    }
}

/// <summary>Weights of the two parts of a loss.</summary>
/// <param name="OfSquaredError">Weight of the mean squared error of the network's output.</param>
/// <param name="OfBound">Weight of the bound's term in bits per dimension.</param>
public readonly record struct ObjectiveWeights(double OfSquaredError, double OfBound)
{
    /// <summary>The loss.</summary>
    public double Combine(double squaredError, double bound) =>
        OfSquaredError * squaredError + (OfBound == 0 ? 0 : OfBound * bound);
}
