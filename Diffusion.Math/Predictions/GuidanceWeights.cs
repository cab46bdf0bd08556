using Diffusion.Math.Values;

namespace Diffusion.Math.Predictions;

/// <summary>
/// What guidance makes of a model's answers at a noise level: Towards + Strength·(Towards − AwayFrom), as it is or with its direction and
/// its size adjusted sample by sample.
/// </summary>
public sealed record GuidanceWeights
{
    /// <summary>The conditional answer alone.</summary>
    public static GuidanceWeights Conditional { get; } = new();

    /// <summary>What the result moves towards, the conditional answer: weights add up to 1.</summary>
    public Sequence<ConditionTerm> Towards { get; init; } = [new(1, new Condition.Labelled())];

    /// <summary>What it moves away from: weights add up to 1.</summary>
    public Sequence<ConditionTerm> AwayFrom { get; init; } = [new(1, new Condition.Unlabelled())];

    /// <summary>How far: w of Ho and Salimans.</summary>
    public double Strength { get; init; }

    /// <summary>How the direction is adjusted; <see cref="Projection.None"/> for not at all.</summary>
    public Projection Projection { get; init; } = Projection.None;

    /// <summary>
    /// φ in [0, 1]: how far the combination is brought back to the conditional answer's standard deviation; 0 for not at all.
    /// </summary>
    public double Rescaling { get; init; }

    /// <summary>
    /// The answers and their weights, which add up to 1, so that guidance commutes with reading out; without what is adjusted.
    /// </summary>
    public Sequence<ConditionTerm> Terms => Strength == 0 ? Towards : ConditionTerm.Sum((1 + Strength, Towards), (-Strength, AwayFrom));

    /// <summary>Whether the direction is adjusted, so that fixed weights do not tell the result.</summary>
    public bool IsProjected => Strength != 0 && Projection != Projection.None;

    /// <summary>Whether the size of the result is adjusted.</summary>
    public bool IsRescaled => Strength != 0 && Rescaling != 0;

    /// <summary>The answers that have to be computed, in the order in which the model is asked.</summary>
    public Sequence<Condition> Asked => (IsProjected ? Towards.Concat(AwayFrom) : IsRescaled ? Towards.Concat(Terms) : Terms)
        .Select(term => term.Condition).Distinct().ToSequence();

    /// <summary>The weight of the answer with the sample's own label; 1 + w.</summary>
    public double OfConditional => WeightOf(new Condition.Labelled());

    /// <summary>The weight of the answer without a label; −w.</summary>
    public double OfUnconditional => WeightOf(new Condition.Unlabelled());

    /// <summary>The weight of an answer.</summary>
    /// <param name="condition">Whose answer.</param>
    public double WeightOf(Condition condition) => Terms.Where(term => term.Condition == condition).Sum(term => term.Weight);

    /// <summary>
    /// What each sample's combination is multiplied by: φ·(σ of its conditional answer)/(σ of its combination) + 1 − φ. Lin et al. 2023,
    /// Eq. 15 and 16.
    /// </summary>
    /// <param name="conditionalSigma">Standard deviation of the conditional answer over all numbers of the sample.</param>
    /// <param name="combinedSigma">Standard deviation of the combination over the same; above 0.</param>
    public double FactorFor(double conditionalSigma, double combinedSigma) =>
        Rescaling == 0 ? 1 : Rescaling * conditionalSigma / combinedSigma + 1 - Rescaling;
}

/// <summary>Adaptive projected guidance: how the direction Δ of guidance is adjusted, in the space of clean data.</summary>
/// <remarks>
/// Sadat et al. 2024, "Eliminating oversaturation and artifacts of high guidance scales in diffusion models", Section 4: Δ gathers with
/// momentum, its norm is limited, and its part parallel to the conditional estimate is multiplied by Parallel.
/// </remarks>
/// <param name="Parallel">η: 1 keeps the parallel part, which saturates images, 0 leaves it out; finite.</param>
/// <param name="Radius">r, the largest norm of Δ of a sample; above 0, null for no limit.</param>
/// <param name="Momentum">β, in (−1, 1): Δ of the estimate before is added β times; negative in the paper.</param>
public sealed record Projection(double Parallel = 0, double? Radius = null, double Momentum = 0)
{
    /// <summary>The direction as it is.</summary>
    public static Projection None { get; } = new(1);

    /// <summary>η; finite.</summary>
    public double Parallel { get; init => field = Require.Finite(value, nameof(Parallel)); } = Require.Finite(Parallel);

    /// <summary>r; above 0, null for no limit.</summary>
    public double? Radius { get; init => field = Checked(value); } = Checked(Radius);

    /// <summary>β, in (−1, 1).</summary>
    public double Momentum { get; init => field = Require.Between(value, -1, 1, nameof(Momentum)); } = Require.Between(Momentum, -1, 1);

    private static double? Checked(double? radius) => radius is { } norm ? Require.Positive(norm, nameof(Radius)) : null;

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"parallel {Parallel}{(Radius is { } norm ? $", norm at most {norm}" : "")}{(Momentum == 0 ? "" : $", momentum {Momentum}")}");
}
