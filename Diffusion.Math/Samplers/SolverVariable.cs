using Diffusion.Math.Noise;
using Diffusion.Math.Plans;

namespace Diffusion.Math.Samplers;

/// <summary>Which quantity an exponential integrator takes to vary slowly, and whether noise is added on the way. A closed union.</summary>
/// <remarks>
/// With λ = log(alpha/sigma) and h = λ' − λ, every step is x' = OfState·x − Scale·(φ₁(k)·D0 + φ₂(k)·D1 + φ₃(k)·D2) + Noise·z, where D0 is
/// the quantity now and D1, D2 are its differences. Lu et al. 2022, "DPM-Solver" for noise and "DPM-Solver++" for data and both
/// stochastic forms.
/// </remarks>
public abstract record SolverVariable
{
    private SolverVariable()
    {
    }

    /// <summary>The weights of a step between two marginals.</summary>
    /// <exception cref="ArgumentException">The form cannot take this step.</exception>
    public abstract ExponentialStep Over(Marginal from, Marginal to);

    /// <summary>The quantity that is remembered, from the state and the estimate of the clean data.</summary>
    public abstract Combination Quantity(Combination state, Combination clean, Marginal level);

    /// <summary>Whether a step may end at clean data.</summary>
    internal abstract bool ReachesClean { get; }

    /// <summary>λ' − λ; infinite where no signal was left before or no noise is left after.</summary>
    protected static double Distance(Marginal from, Marginal to) => (to.LogSnr - from.LogSnr) / 2;

    /// <summary>x̂_0 varies slowly: DPM-Solver++ of Lu et al. 2022. Stays finite down to clean data.</summary>
    public sealed record Data : SolverVariable
    {
        internal override bool ReachesClean => true;

        /// <inheritdoc/>
        public override ExponentialStep Over(Marginal from, Marginal to) =>
            new(to.Sigma / from.Sigma, to.Alpha, -Distance(from, to), 0);

        /// <inheritdoc/>
        public override Combination Quantity(Combination state, Combination clean, Marginal level) => clean;
    }

    /// <summary>ε̂ varies slowly: DPM-Solver of Lu et al. 2022. Needs signal at the start and noise at the end.</summary>
    public sealed record Noise : SolverVariable
    {
        internal override bool ReachesClean => false;

        /// <inheritdoc/>
        public override ExponentialStep Over(Marginal from, Marginal to) =>
            new(Kept(from, to), to.Sigma, Distance(from, to), 0);

        /// <inheritdoc/>
        public override Combination Quantity(Combination state, Combination clean, Marginal level) => Implied(state, clean, level);
    }

    /// <summary>SDE-DPM-Solver++: the data form of the reverse stochastic equation. Lu et al. 2022, "DPM-Solver++", Eq. 16.</summary>
    public sealed record StochasticData : SolverVariable
    {
        internal override bool ReachesClean => true;

        /// <inheritdoc/>
        public override ExponentialStep Over(Marginal from, Marginal to)
        {
            var h = Distance(from, to);
            return new(to.Sigma / from.Sigma * Exp(-h), to.Alpha, -2 * h, to.Sigma * Sqrt(Max(-Phi.One(-2 * h), 0)));
        }

        /// <inheritdoc/>
        public override Combination Quantity(Combination state, Combination clean, Marginal level) => clean;
    }

    /// <summary>SDE-DPM-Solver: the noise form of the reverse stochastic equation. Lu et al. 2022, "DPM-Solver++", Eq. 14.</summary>
    public sealed record StochasticNoise : SolverVariable
    {
        internal override bool ReachesClean => false;

        /// <inheritdoc/>
        public override ExponentialStep Over(Marginal from, Marginal to)
        {
            var h = Distance(from, to);
            return new(Kept(from, to), 2 * to.Sigma, h, to.Sigma * Sqrt(Max(Phi.One(2 * h), 0)));
        }

        /// <inheritdoc/>
        public override Combination Quantity(Combination state, Combination clean, Marginal level) => Implied(state, clean, level);
    }

    private static Combination Implied(Combination state, Combination clean, Marginal level) => (state - level.Alpha * clean) / level.Sigma;

    private static double Kept(Marginal from, Marginal to) => (from.Alpha, to.Sigma) switch
    {
        (0, _) => throw new ArgumentException($"The noise form cannot start from {from}, which has no signal; use the data form."),
        (_, 0) => throw new ArgumentException("The noise form cannot end at clean data; use the data form, or end at some noise."),
        _ => to.Alpha / from.Alpha,
    };
}

/// <summary>The weights of one step of an exponential integrator.</summary>
/// <param name="OfState">Weight of the state.</param>
/// <param name="Scale">What the slowly varying quantity is multiplied by.</param>
/// <param name="K">The argument of the φ functions.</param>
/// <param name="Noise">Standard deviation of the noise that is added.</param>
public readonly record struct ExponentialStep(double OfState, double Scale, double K, double Noise)
{
    /// <summary>x' without noise.</summary>
    internal Combination Mean(Combination state, Combination d0) => OfState * state - Scale * Phi.One(K) * d0;
}
