using System.Globalization;
using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Predictions;

/// <summary>How conditional and unconditional outputs of one network are combined. A closed union.</summary>
/// <remarks>Its text is for a person, and says w and s.</remarks>
public abstract record Guidance
{
    private Guidance()
    {
    }

    /// <summary>
    /// Weights of the two outputs at a noise level; they add up to 1, so guidance commutes with reading out where nothing is rescaled.
    /// </summary>
    public abstract GuidanceWeights WeightsAt(NoiseLevel level);

    /// <summary>The network is asked once, with the label it is given or none.</summary>
    public sealed record None : Guidance
    {
        /// <inheritdoc/>
        public override GuidanceWeights WeightsAt(NoiseLevel level) => GuidanceWeights.Conditional;

        /// <inheritdoc/>
        public override string ToString() => "none";
    }

    /// <summary>ε̃ = (1 + w)·ε(x, c) − w·ε(x). Ho and Salimans 2021, "Classifier-free diffusion guidance", Eq. 6.</summary>
    /// <remarks>w = 0 is the conditional model, w = −1 the unconditional one. Others write the same with the scale s = 1 + w.</remarks>
    /// <param name="W">w; finite.</param>
    public sealed record ClassifierFree(double W) : Guidance
    {
        /// <summary>w; finite.</summary>
        public double W { get; init => field = Require.Finite(value, nameof(W)); } = Require.Finite(W);

        /// <summary>s = 1 + w, the other convention.</summary>
        public double Scale => 1 + W;

        /// <summary>The guidance that others call scale s: w = s − 1.</summary>
        public static ClassifierFree OfScale(double scale) => new(scale - 1);

        /// <inheritdoc/>
        public override GuidanceWeights WeightsAt(NoiseLevel level) => new(1 + W, -W);

        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"w = {W} (s = {Scale})");
    }

    /// <summary>
    /// Guidance at medium noise only; elsewhere the conditional output stands alone. Kynkäänniemi et al. 2024, "Applying guidance in a
    /// limited interval", Section 3.
    /// </summary>
    /// <param name="Inner">The guidance inside the interval.</param>
    /// <param name="Low">No guidance at or below this Sigma/Alpha; at least 0.</param>
    /// <param name="High">No guidance above this Sigma/Alpha; above Low, and may be as large as a number can be.</param>
    public sealed record Interval(Guidance Inner, double Low, double High) : Guidance
    {
        /// <summary>No guidance at or below this Sigma/Alpha; at least 0.</summary>
        public double Low { get; init => field = Require.Within(value, 0, High, nameof(Low)); } = Require.Within(Low, 0, High);

        /// <summary>No guidance above this Sigma/Alpha; above Low.</summary>
        public double High { get; init => field = Require.Between(value, Low, double.PositiveInfinity, nameof(High)); } =
            Require.Between(High, Low, double.PositiveInfinity);

        /// <inheritdoc/>
        public override GuidanceWeights WeightsAt(NoiseLevel level) =>
            level.Marginal.NoiseToSignal is var noise && noise > Low && noise <= High
                ? Inner.WeightsAt(level)
                : GuidanceWeights.Conditional;

        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Inner} where {Low} < sigma/alpha <= {High}");
    }

    /// <summary>
    /// The combination is brought back towards the standard deviation of the conditional output. Lin et al. 2023, Eq. 15 and 16.
    /// </summary>
    /// <param name="Inner">The guidance that is rescaled.</param>
    /// <param name="Share">φ, how much of the rescaled result is used; in [0, 1]. The paper uses 0.7.</param>
    public sealed record Rescaled(Guidance Inner, double Share = 0.7) : Guidance
    {
        /// <summary>φ, how much of the rescaled result is used; in [0, 1].</summary>
        public double Share { get; init => field = Require.Within(value, 0, 1, nameof(Share)); } = Require.Within(Share, 0, 1);

        /// <inheritdoc/>
        public override GuidanceWeights WeightsAt(NoiseLevel level) => Inner.WeightsAt(level) with { Rescaling = Share };

        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Inner}, rescaled by {Share}");
    }
}
