using System.Globalization;
using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Predictions;

/// <summary>How a model's answers under several conditions are combined. A closed union.</summary>
/// <remarks>Its text is for a person, and says w and s.</remarks>
public abstract record Guidance
{
    private Guidance()
    {
    }

    /// <summary>The answers and their weights at a noise level, and what is adjusted sample by sample.</summary>
    public abstract GuidanceWeights WeightsAt(NoiseLevel level);

    /// <summary>The guidance that others are wrapped around.</summary>
    public virtual Guidance Innermost => this;

    /// <summary>The model is asked once, with the label it is given or none.</summary>
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
        public override GuidanceWeights WeightsAt(NoiseLevel level) => GuidanceWeights.Conditional with { Strength = W };

        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"w = {W} (s = {Scale})");
    }

    /// <summary>
    /// Away from a weaker model instead of from no label: D̃ = (1 + w)·D(x, c) − w·D_weak(x, c). Karras et al. 2024, "Guiding a diffusion
    /// model with a bad version of itself", Eq. 5, where the scale is s = 1 + w.
    /// </summary>
    /// <param name="W">w; finite.</param>
    public sealed record Autoguidance(double W) : Guidance
    {
        /// <summary>w; finite.</summary>
        public double W { get; init => field = Require.Finite(value, nameof(W)); } = Require.Finite(W);

        /// <inheritdoc/>
        public override GuidanceWeights WeightsAt(NoiseLevel level) =>
            GuidanceWeights.Conditional with { Strength = W, AwayFrom = [new(1, new Condition.Weaker())] };

        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"autoguidance w = {W} (s = {1 + W})");
    }

    /// <summary>
    /// Guidance at medium noise only; elsewhere the conditional answer stands alone. Kynkäänniemi et al. 2024, "Applying guidance in a
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
        public override Guidance Innermost => Inner.Innermost;

        /// <inheritdoc/>
        public override GuidanceWeights WeightsAt(NoiseLevel level)
        {
            var weights = Inner.WeightsAt(level);
            return level.Marginal.NoiseToSignal is var noise && noise > Low && noise <= High ? weights : weights with { Strength = 0 };
        }

        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Inner} where {Low} < sigma/alpha <= {High}");
    }

    /// <summary>w changes with the noise level.</summary>
    /// <param name="Inner">The guidance whose w is multiplied.</param>
    /// <param name="Factor">The factor of w.</param>
    public sealed record Scheduled(Guidance Inner, GuidanceSchedule Factor) : Guidance
    {
        /// <inheritdoc/>
        public override Guidance Innermost => Inner.Innermost;

        /// <inheritdoc/>
        public override GuidanceWeights WeightsAt(NoiseLevel level) =>
            Inner.WeightsAt(level) is var weights ? weights with { Strength = weights.Strength * Factor.FactorAt(level) } : weights;

        /// <inheritdoc/>
        public override string ToString() => $"{Inner}, schedule {Factor}";
    }

    /// <summary>
    /// The combination is brought back towards the standard deviation of the conditional answer. Lin et al. 2023, "Common diffusion noise
    /// schedules and sample steps are flawed", Eq. 15 and 16.
    /// </summary>
    /// <param name="Inner">The guidance that is rescaled.</param>
    /// <param name="Share">φ, how much of the rescaled result is used; in [0, 1]. The paper uses 0.7.</param>
    public sealed record Rescaled(Guidance Inner, double Share = 0.7) : Guidance
    {
        /// <summary>φ, how much of the rescaled result is used; in [0, 1].</summary>
        public double Share { get; init => field = Require.Within(value, 0, 1, nameof(Share)); } = Require.Within(Share, 0, 1);

        /// <inheritdoc/>
        public override Guidance Innermost => Inner.Innermost;

        /// <inheritdoc/>
        public override GuidanceWeights WeightsAt(NoiseLevel level) => Inner.WeightsAt(level) with { Rescaling = Share };

        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Inner}, rescaled by {Share}");
    }

    /// <summary>Adaptive projected guidance (APG): the direction is adjusted. Sadat et al. 2024, Section 4.</summary>
    /// <param name="Inner">The guidance whose direction it is.</param>
    /// <param name="Projection">How.</param>
    public sealed record Projected(Guidance Inner, Projection Projection) : Guidance
    {
        /// <inheritdoc/>
        public override Guidance Innermost => Inner.Innermost;

        /// <inheritdoc/>
        public override GuidanceWeights WeightsAt(NoiseLevel level) => Inner.WeightsAt(level) with { Projection = Projection };

        /// <inheritdoc/>
        public override string ToString() => $"{Inner}, projected ({Projection})";
    }

    /// <summary>Other labels beside the sample's own. Liu et al. 2022.</summary>
    /// <param name="Inner">The guidance, which then moves towards all of them.</param>
    /// <param name="Others">What they do, one after another; at least one.</param>
    public sealed record Composed(Guidance Inner, Sequence<LabelTerm> Others) : Guidance
    {
        /// <summary>What they do, one after another; at least one.</summary>
        public Sequence<LabelTerm> Others { get; init => field = Require.NonEmpty(value, nameof(Others)); } = Require.NonEmpty(Others);

        /// <inheritdoc/>
        public override Guidance Innermost => Inner.Innermost;

        /// <inheritdoc/>
        public override GuidanceWeights WeightsAt(NoiseLevel level) => Inner.WeightsAt(level) is var weights
            ? weights with { Towards = Others.Aggregate(weights.Towards, (towards, other) => other.With(towards)) } : weights;

        /// <inheritdoc/>
        public override string ToString() => $"{(Inner is None ? "" : $"{Inner}, ")}{string.Join(", ", Others)}";
    }
}
