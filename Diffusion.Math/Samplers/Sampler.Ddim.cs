using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

public abstract partial record Sampler
{
    /// <summary>x_s = α_s·x̂_0 + √(σ_s² − n²)·ε̂ + n·z with n = eta times the posterior's sigma.</summary>
    /// <remarks>
    /// Song et al. 2020, "Denoising diffusion implicit models", Eq. 12 and 16. eta = 0 is deterministic; eta = 1 is ancestral sampling with
    /// the small variance.
    /// </remarks>
    /// <param name="Eta">η, in [0, 1].</param>
    /// <param name="Clipping">What happens to x̂_0.</param>
    /// <param name="Direction">Which x̂_0 the noise direction ε̂ = (x_t − α_t·x̂_0)/σ_t is taken from.</param>
    public sealed record Ddim(double Eta, Clipping Clipping, NoiseDirection Direction) : Sampler
    {
        /// <inheritdoc/>
        /// <remarks>DDIM is DPM-Solver of order 1: Lu et al. 2022, "DPM-Solver", Section 4.1.</remarks>
        public override int ConvergenceOrder => 1;

        /// <summary>η, in [0, 1].</summary>
        public double Eta { get; init => field = Require.Within(value, 0, 1, nameof(Eta)); } = Require.Within(Eta, 0.0, 1.0);

        /// <inheritdoc/>
        public override Sampler WithEta(double eta) => this with { Eta = eta };

        private protected override Spacing UsualSpacing => Spacing.Leading;

        /// <inheritdoc/>
        public override SamplerPlan Plan(NoisePath path) => SingleEvaluation("ddim", path, Clipping, (from, to) =>
            ImplicitStep(from, to, Eta, new(Clipping.Result, Direction == NoiseDirection.Predicted ? Slot.Denoised : Clipping.Result)));
    }

    private static SingleStep ImplicitStep(Marginal from, Marginal to, double eta, Estimates estimates)
    {
        var noise = eta * Posterior.Of(to, from).Sigma;
        var direction = NoiseIn(Slot.State, estimates.ForDirection, from);
        return new(to.Alpha * (Combination)estimates.Clean + Sqrt(Max(to.Sigma * to.Sigma - noise * noise, 0)) * direction, noise);
    }

    private readonly record struct Estimates(Slot Clean, Slot ForDirection);
}

/// <summary>Which estimate of the clean data a noise direction is derived from. The two differ only where a limit acts.</summary>
public enum NoiseDirection
{
    /// <summary>The network's own, before any limit.</summary>
    Predicted,

    /// <summary>Derived again from the limited estimate.</summary>
    Rederived,
}
