using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>
    /// ᾱ follows a squared cosine. Nichol and Dhariwal 2021, "Improved denoising diffusion probabilistic models", Eq. 17.
    /// </summary>
    /// <param name="Count">T, the number of levels; at least 1.</param>
    /// <param name="Offset">s, which keeps the first β from being too small; at least 0.</param>
    /// <param name="Ceiling">The largest β, in (0, 1).</param>
    public sealed record Cosine(int Count = 1000, double Offset = 0.008, double Ceiling = 0.999) : Discrete
    {
        /// <summary>T, the number of levels; at least 1.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <summary>s, which keeps the first β from being too small; at least 0.</summary>
        public double Offset { get; init => field = Require.NonNegative(value, nameof(Offset)); } = Require.NonNegative(Offset);

        /// <summary>The largest β, in (0, 1).</summary>
        public double Ceiling { get; init => field = Require.Between(value, 0, 1, nameof(Ceiling)); } = Require.Between(Ceiling, 0, 1);

        /// <inheritdoc/>
        public override int Steps => Count;

        private protected override Sequence<double> ComputeBetas() => BetasOf(AlphaBarOf, Count, Ceiling);

        private double AlphaBarOf(double u)
        {
            var cosine = Cos((u + Offset) / (1 + Offset) * PI / 2);
            return cosine * cosine;
        }
    }
}
