namespace Diffusion.Math.Predictions;

/// <summary>Weights of the conditional and the unconditional output.</summary>
/// <param name="OfConditional">1 + w.</param>
/// <param name="OfUnconditional">−w.</param>
/// <param name="Rescaling">φ in [0, 1]: how far the combination is brought back to the conditional output's standard deviation; 0 for not
/// at all.</param>
public readonly record struct GuidanceWeights(double OfConditional, double OfUnconditional, double Rescaling = 0)
{
    /// <summary>The conditional output alone.</summary>
    public static GuidanceWeights Conditional { get; } = new(1, 0);

    /// <summary>Whether the conditional output has to be computed.</summary>
    public bool NeedsConditional => OfConditional != 0 || Rescaling != 0;

    /// <summary>Whether the unconditional output has to be computed.</summary>
    public bool NeedsUnconditional => OfUnconditional != 0;

    /// <summary>
    /// What each sample's combination is multiplied by: φ·(σ of its conditional output)/(σ of its combination) + 1 − φ. Lin et al. 2023,
    /// Eq. 15 and 16.
    /// </summary>
    /// <param name="conditionalSigma">Standard deviation of the conditional output over all numbers of the sample.</param>
    /// <param name="combinedSigma">Standard deviation of the combination over the same; above 0.</param>
    public double FactorFor(double conditionalSigma, double combinedSigma) =>
        Rescaling == 0 ? 1 : Rescaling * conditionalSigma / combinedSigma + 1 - Rescaling;
}
