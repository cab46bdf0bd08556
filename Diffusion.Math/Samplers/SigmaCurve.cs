using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

/// <summary>sigma as a function of the time t in which a differential equation is solved; 0 at time 0. A closed union.</summary>
/// <remarks>Karras et al. 2022, Table 1, "Schedule". Decides how steps between given sigmas bend, not which sigmas are visited.</remarks>
public abstract record SigmaCurve
{
    private SigmaCurve()
    {
    }

    /// <summary>σ(t).</summary>
    public abstract double At(double time);

    /// <summary>dσ/dt.</summary>
    public abstract double SlopeAt(double time);

    /// <summary>t(σ), the inverse.</summary>
    public abstract double TimeOf(double sigma);

    /// <summary>σ = t: straight solution curves. Karras et al. 2022.</summary>
    public sealed record Linear : SigmaCurve
    {
        /// <inheritdoc/>
        public override double At(double time) => time;

        /// <inheritdoc/>
        public override double SlopeAt(double time) => 1;

        /// <inheritdoc/>
        public override double TimeOf(double sigma) => sigma;
    }

    /// <summary>σ = √t: the variance-exploding equation of Song et al. 2021, "Score-based generative modeling".</summary>
    public sealed record SquareRoot : SigmaCurve
    {
        /// <inheritdoc/>
        public override double At(double time) => Sqrt(time);

        /// <inheritdoc/>
        public override double SlopeAt(double time) => 0.5 / Sqrt(time);

        /// <inheritdoc/>
        public override double TimeOf(double sigma) => sigma * sigma;
    }

    /// <summary>σ = √(exp(½·Range·t² + Least·t) − 1): the variance-preserving equation of Song et al. 2021.</summary>
    /// <remarks>β(t) = Least + Range·t.</remarks>
    /// <param name="Range">β_d; at least 0.</param>
    /// <param name="Least">β_min; above 0.</param>
    public sealed record Preserving(double Range = 19.9, double Least = 0.1) : SigmaCurve
    {
        /// <summary>β_d; above 0.</summary>
        public double Range { get; init => field = Require.Positive(value, nameof(Range)); } = Require.Positive(Range);

        /// <summary>β_min; finite.</summary>
        public double Least { get; init => field = Require.Finite(value, nameof(Least)); } = Require.Finite(Least);

        /// <summary>The curve with given values at time <paramref name="earliest"/> and at time 1.</summary>
        /// <param name="sigmaMin">σ at the earliest time; above 0.</param>
        /// <param name="sigmaMax">σ at time 1; above 0.</param>
        /// <param name="earliest">ε_s, in (0, 1).</param>
        public static Preserving Fitted(double sigmaMin, double sigmaMax, double earliest)
        {
            Require.Between(earliest, 0, 1);
            var (least, most) = (Log(1 + sigmaMin * sigmaMin), Log(1 + sigmaMax * sigmaMax));
            var range = 2 * (least / earliest - most) / (earliest - 1);
            return new(range, most - range / 2);
        }

        /// <inheritdoc/>
        public override double At(double time) => Sqrt(Exp(Range * time * time / 2 + Least * time) - 1);

        /// <inheritdoc/>
        public override double SlopeAt(double time) => (Least + Range * time) / 2 * (At(time) + 1 / At(time));

        /// <inheritdoc/>
        public override double TimeOf(double sigma) => (Sqrt(Least * Least + 2 * Range * Log(1 + sigma * sigma)) - Least) / Range;
    }
}
