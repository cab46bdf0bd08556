using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Predictions;

/// <summary>How conditional and unconditional outputs of one network are combined. A closed union.</summary>
public abstract record Guidance
{
    private Guidance()
    {
    }

    /// <summary>Weights of the two outputs at a noise level; they add up to 1, so guidance commutes with reading out.</summary>
    public abstract GuidanceWeights WeightsAt(NoiseLevel level);

    /// <summary>The network is asked once, with the label it is given or none.</summary>
    public sealed record None : Guidance
    {
        /// <inheritdoc/>
        public override GuidanceWeights WeightsAt(NoiseLevel level) => GuidanceWeights.Conditional;
    }

    /// <summary>ε̃ = (1 + w)·ε(x, c) − w·ε(x). Ho and Salimans 2021, "Classifier-free diffusion guidance", Eq. 6.</summary>
    /// <remarks>w = 0 is the conditional model, w = −1 the unconditional one. Others write the same with the scale s = 1 + w.</remarks>
    /// <param name="Strength">w; finite.</param>
    public sealed record ClassifierFree(double Strength) : Guidance
    {
        /// <summary>w; finite.</summary>
        public double Strength { get; init => field = Require.Finite(value, nameof(Strength)); } = Require.Finite(Strength);

        /// <summary>s = 1 + w, the other convention.</summary>
        public double Scale => 1 + Strength;

        /// <inheritdoc/>
        public override GuidanceWeights WeightsAt(NoiseLevel level) => new(1 + Strength, -Strength);
    }
}

/// <summary>Weights of the conditional and the unconditional output.</summary>
/// <param name="OfConditional">1 + w.</param>
/// <param name="OfUnconditional">−w.</param>
public readonly record struct GuidanceWeights(double OfConditional, double OfUnconditional)
{
    /// <summary>The conditional output alone.</summary>
    public static GuidanceWeights Conditional { get; } = new(1, 0);

    /// <summary>Whether the conditional output has to be computed.</summary>
    public bool NeedsConditional => OfConditional != 0;

    /// <summary>Whether the unconditional output has to be computed.</summary>
    public bool NeedsUnconditional => OfUnconditional != 0;
}
