using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

/// <summary>
/// The clean data x̃ = OfArrival·x_s + OfState·x_t by which one deterministic step of DDIM goes from x_t to a given x_s, and the noise
/// ε̃ = NoiseOfClean·x̃ + NoiseOfState·x_t that belongs to it.
/// </summary>
/// <remarks>
/// x̃ = (x_s − (σ_s/σ_t)·x_t)/(α_s − (σ_s/σ_t)·α_t) and x_t = α_t·x̃ + σ_t·ε̃. Salimans and Ho 2022, "Progressive distillation for fast
/// sampling of diffusion models", Algorithm 2 and Appendix G, for any alpha and sigma. Euler's step along the velocity of a rectified flow
/// is the same step.
/// </remarks>
/// <param name="OfArrival">Weight of x_s in x̃.</param>
/// <param name="OfState">Weight of x_t in x̃.</param>
/// <param name="NoiseOfClean">Weight of x̃ in ε̃.</param>
/// <param name="NoiseOfState">Weight of x_t in ε̃.</param>
public readonly record struct DistillationTarget(double OfArrival, double OfState, double NoiseOfClean, double NoiseOfState)
{
    /// <summary>The target of a step.</summary>
    /// <param name="from">The marginal of x_t, which has noise.</param>
    /// <param name="to">The marginal of x_s, with less noise to its signal.</param>
    /// <exception cref="ArgumentException">The step removes no noise.</exception>
    public static DistillationTarget Of(Marginal from, Marginal to)
    {
        var ratio = to.Sigma / Require.Positive(from.Sigma);
        var gain = to.Alpha - ratio * from.Alpha;
        return gain > 0
            ? new(1 / gain, -ratio / gain, -from.Alpha / from.Sigma, 1 / from.Sigma)
            : throw new ArgumentException($"A step from {from} to {to} removes no noise.", nameof(to));
    }
}
