using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

public abstract partial record EmaDecay
{
    /// <summary>
    /// The average weighs the past by a power of time, τ^γ: its profile keeps its shape as training goes on. Karras et al. 2024,
    /// Section 3.1.
    /// </summary>
    /// <remarks>decay = (1 − 1/n)^(γ + 1), n counted from 1. The width is given as a part of the training time: 0.05 or 0.1.</remarks>
    /// <param name="Width">σ_rel, the profile's standard deviation relative to the training time; in (0, 0.2886], 1/√12 being
    /// uniform.</param>
    public sealed record PowerFunction(double Width) : EmaDecay
    {
        private const double Widest = 0.2886;

        /// <summary>σ_rel, the standard deviation relative to the training time; in (0, 0.2886].</summary>
        public double Width { get; init => field = Require.Within(value, 1e-4, Widest, nameof(Width)); } =
            Require.Within(Width, 1e-4, Widest);

        /// <summary>γ, the power.</summary>
        public double Gamma => GammaOf(Width);

        /// <inheritdoc/>
        public override double At(long update) => Pow(1 - 1 / (update + 1.0), Gamma + 1);

        /// <summary>σ_rel = √(γ + 1)/((γ + 2)·√(γ + 3)). Karras et al. 2024, Appendix C.</summary>
        /// <param name="gamma">γ, at least 0.</param>
        public static double WidthOf(double gamma) => Sqrt(Require.NonNegative(gamma) + 1) / ((gamma + 2) * Sqrt(gamma + 3));

        /// <summary>The power whose profile has a given width; the inverse of <see cref="WidthOf"/>.</summary>
        /// <param name="width">σ_rel.</param>
        public static double GammaOf(double width)
        {
            // Width falls with gamma: halve the interval until it is a number.
            var (low, high) = (0.0, 2 / width);
            while (BitIncrement(low) < high && (low + high) / 2 is var middle && middle > low && middle < high)
                (low, high) = WidthOf(middle) > width ? (middle, high) : (low, middle);
            return low;
        }
    }
}
