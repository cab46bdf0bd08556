using Diffusion.Math.Values;

namespace Diffusion.Math.Noise;

/// <summary>One noising step between two times: x_t = Scale·x_s + Sigma·ε, ε ~ N(0, I), s before t.</summary>
/// <param name="Scale">Factor of the less noisy state; finite and at least 0.</param>
/// <param name="Sigma">Standard deviation of the added noise; finite and at least 0.</param>
public readonly record struct Transition(double Scale, double Sigma)
{
    /// <summary>Factor of the less noisy state; finite and at least 0.</summary>
    public double Scale { get; init => field = Require.NonNegative(value, nameof(Scale)); } = Require.NonNegative(Scale);

    /// <summary>Standard deviation of the added noise; finite and at least 0.</summary>
    public double Sigma { get; init => field = Require.NonNegative(value, nameof(Sigma)); } = Require.NonNegative(Sigma);

    /// <summary>q(x_t | x_{t−1}) = N(√(1 − β)·x_{t−1}, β·I). Ho et al. 2020, Eq. 2.</summary>
    /// <param name="beta">β_t, in [0, 1].</param>
    public static Transition OfBeta(double beta) => new(Sqrt(1 - Require.Within(beta, 0, 1)), Sqrt(beta));

    /// <summary>The step that turns one marginal into a later one: Scale = α_t/α_s, Sigma² = σ_t² − Scale²·σ_s².</summary>
    /// <exception cref="ArgumentException"><paramref name="later"/> is less noisy than <paramref name="earlier"/>.</exception>
    public static Transition Of(Marginal earlier, Marginal later)
    {
        var scale = later.Alpha / earlier.Alpha;
        var variance = later.Sigma * later.Sigma - scale * scale * earlier.Sigma * earlier.Sigma;
        // Equal marginals may differ by a rounding error.
        if (double.IsNaN(variance) || variance < -1e-12 * later.Sigma * later.Sigma)
            throw new ArgumentException($"{later} is less noisy than {earlier}; no noising step leads there.", nameof(later));
        return new(scale, Sqrt(Max(variance, 0)));
    }

    /// <summary>This step and then <paramref name="next"/>, as one step.</summary>
    public Transition Then(Transition next) =>
        new(next.Scale * Scale, Sqrt(next.Scale * next.Scale * Sigma * Sigma + next.Sigma * next.Sigma));

    /// <summary>The marginal after this step from <paramref name="marginal"/>.</summary>
    public Marginal Apply(Marginal marginal) =>
        new(Scale * marginal.Alpha, Sqrt(Scale * Scale * marginal.Sigma * marginal.Sigma + Sigma * Sigma));
}
