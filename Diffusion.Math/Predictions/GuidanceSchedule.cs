using System.Globalization;
using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Predictions;

/// <summary>How the strength of guidance changes with the noise level: a factor of w. A closed union.</summary>
/// <remarks>
/// Wang et al. 2024, "Analysis of classifier-free guidance weight schedulers", compare such factors over the time t/T. Here they are over
/// u = 2/π·arctan(Sigma/Alpha), 0 at clean data and 1 at noise alone, whatever the schedule; of a cosine schedule u is t/T.
/// </remarks>
public abstract record GuidanceSchedule
{
    private GuidanceSchedule()
    {
    }

    /// <summary>The factor of w at a noise level.</summary>
    public double FactorAt(NoiseLevel level) => FactorAt(level.Marginal);

    private protected abstract double FactorAt(Marginal marginal);

    private static double ShareOf(Marginal marginal) => 2 / PI * Atan2(marginal.Sigma, marginal.Alpha);

    /// <summary>1 everywhere.</summary>
    public sealed record Constant : GuidanceSchedule
    {
        private protected override double FactorAt(Marginal marginal) => 1;

        /// <inheritdoc/>
        public override string ToString() => "constant";
    }

    /// <summary>2·(1 − u): 1 on average, strongest near clean data. Wang et al. 2024, "linear".</summary>
    public sealed record Linear : GuidanceSchedule
    {
        private protected override double FactorAt(Marginal marginal) => 2 * (1 - ShareOf(marginal));

        /// <inheritdoc/>
        public override string ToString() => "linear";
    }

    /// <summary>1 + cos(π·u): 1 on average, strongest near clean data. Wang et al. 2024, "cosine".</summary>
    public sealed record Cosine : GuidanceSchedule
    {
        private protected override double FactorAt(Marginal marginal) => 1 + Cos(PI * ShareOf(marginal));

        /// <inheritdoc/>
        public override string ToString() => "cosine";
    }

    /// <summary>
    /// (1 − cos(π·(1 − u)^Power))/2: 0 at noise alone and 1 at clean data. Gao et al. 2023, "Masked diffusion transformer", code.
    /// </summary>
    /// <param name="Power">Above 0; 4 in their code.</param>
    public sealed record PowerCosine(double Power = 4) : GuidanceSchedule
    {
        /// <summary>Above 0.</summary>
        public double Power { get; init => field = Require.Positive(value, nameof(Power)); } = Require.Positive(Power);

        private protected override double FactorAt(Marginal marginal) => (1 - Cos(PI * Pow(1 - ShareOf(marginal), Power))) / 2;

        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"power-cosine {Power}");
    }

    /// <summary>
    /// Factors at some noise levels, straight between them over the logarithm of the noise, and constant beyond the ends.
    /// </summary>
    /// <param name="Given">At least one; the noise rises from one to the next.</param>
    public sealed record Points(Sequence<GuidancePoint> Given) : GuidanceSchedule
    {
        /// <summary>At least one; the noise rises from one to the next.</summary>
        public Sequence<GuidancePoint> Given { get; init => field = Checked(value); } = Checked(Given);

        private protected override double FactorAt(Marginal marginal)
        {
            var (noise, next) = (marginal.Alpha > 0 ? marginal.NoiseToSignal : double.PositiveInfinity, 0);
            while (next < Given.Count && Given[next].Noise < noise)
                next++;
            if (next == 0 || next == Given.Count)
                return Given[Min(next, Given.Count - 1)].Factor;
            var (below, above) = (Given[next - 1], Given[next]);
            var share = Log(noise / below.Noise) / Log(above.Noise / below.Noise);
            return below.Factor + share * (above.Factor - below.Factor);
        }

        private static Sequence<GuidancePoint> Checked(Sequence<GuidancePoint> given)
        {
            foreach (var (one, next) in Require.NonEmpty(given, nameof(Given)).Zip(given.Skip(1)))
                if (one.Noise >= next.Noise)
                    throw new ArgumentException($"The noise must rise: {one.Noise} comes before {next.Noise}.", nameof(Given));
            return given;
        }

        /// <inheritdoc/>
        public override string ToString() => string.Join(", ", Given);
    }
}

/// <summary>The factor of w at a noise level.</summary>
/// <param name="Noise">Sigma/Alpha; above 0.</param>
/// <param name="Factor">The factor; finite.</param>
public sealed record GuidancePoint(double Noise, double Factor)
{
    /// <summary>Sigma/Alpha; above 0.</summary>
    public double Noise { get; init => field = Require.Positive(value, nameof(Noise)); } = Require.Positive(Noise);

    /// <summary>The factor; finite.</summary>
    public double Factor { get; init => field = Require.Finite(value, nameof(Factor)); } = Require.Finite(Factor);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Noise}:{Factor}");
}
