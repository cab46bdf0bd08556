using System.Globalization;
using Diffusion.Math.Values;

namespace Diffusion.Math.Predictions;

/// <summary>Under what a model is asked about a state: whose answers guidance combines. A closed union.</summary>
public abstract record Condition
{
    private Condition()
    {
    }

    /// <summary>With the sample's own label; with none where samples have none.</summary>
    public sealed record Labelled : Condition;

    /// <summary>Without a label.</summary>
    public sealed record Unlabelled : Condition;

    /// <summary>With another label than the sample's own.</summary>
    /// <param name="Label">The label; at least 0.</param>
    public sealed record Other(int Label) : Condition
    {
        /// <summary>The label; at least 0.</summary>
        public int Label { get; init => field = Require.AtLeast(value, 0, nameof(Label)); } = Require.AtLeast(Label, 0);
    }

    /// <summary>A weaker model, with the sample's own label.</summary>
    public sealed record Weaker : Condition;
}

/// <summary>An answer and its weight.</summary>
/// <param name="Weight">The weight.</param>
/// <param name="Condition">Whose answer.</param>
public sealed record ConditionTerm(double Weight, Condition Condition)
{
    /// <summary>Σ factor·terms, each condition once and without those that cancel.</summary>
    /// <param name="parts">Sums of answers and their factors.</param>
    public static Sequence<ConditionTerm> Sum(params ReadOnlySpan<(double Factor, Sequence<ConditionTerm> Terms)> parts)
    {
        var sum = new List<ConditionTerm>();
        foreach (var (factor, terms) in parts)
            foreach (var term in terms)
            {
                var (weight, place) = (factor * term.Weight, sum.FindIndex(known => known.Condition == term.Condition));
                if (place < 0)
                    sum.Add(term with { Weight = weight });
                else
                    sum[place] = term with { Weight = sum[place].Weight + weight };
            }
        return sum.Where(term => term.Weight != 0).ToSequence();
    }
}

/// <summary>
/// What another label does to a sample beside its own, as a combination of answers. A closed union. Liu et al. 2022, "Compositional visual
/// generation with composable diffusion models".
/// </summary>
public abstract record LabelTerm
{
    private LabelTerm()
    {
    }

    /// <summary>The answers with it.</summary>
    /// <param name="towards">The answers without it; their weights add up to 1, and so do those of the result.</param>
    public abstract Sequence<ConditionTerm> With(Sequence<ConditionTerm> towards);

    private static Sequence<ConditionTerm> Moved(Sequence<ConditionTerm> towards, double weight, int label) => ConditionTerm.Sum(
        (1, towards), (weight, [new(1, new Condition.Other(label))]), (-weight, [new(1, new Condition.Unlabelled())]));

    private static string Times(double weight) => weight == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" × {weight}");

    /// <summary>
    /// Conjunction: the score moves by weight·(score with the label − score without one), so that p(x) is multiplied by
    /// (p(x|label)/p(x))^weight. Liu et al. 2022, Eq. 11.
    /// </summary>
    /// <param name="Label">The label; at least 0.</param>
    /// <param name="Weight">Above 0.</param>
    public sealed record And(int Label, double Weight = 1) : LabelTerm
    {
        /// <summary>The label; at least 0.</summary>
        public int Label { get; init => field = Require.AtLeast(value, 0, nameof(Label)); } = Require.AtLeast(Label, 0);

        /// <summary>Above 0.</summary>
        public double Weight { get; init => field = Require.Positive(value, nameof(Weight)); } = Require.Positive(Weight);

        /// <inheritdoc/>
        public override Sequence<ConditionTerm> With(Sequence<ConditionTerm> towards) => Moved(towards, Weight, Label);

        /// <inheritdoc/>
        public override string ToString() => $"and {Label}{Times(Weight)}";
    }

    /// <summary>Negation: the same with a negative weight. Liu et al. 2022, Eq. 13.</summary>
    /// <param name="Label">The label; at least 0.</param>
    /// <param name="Weight">Above 0.</param>
    public sealed record Not(int Label, double Weight = 1) : LabelTerm
    {
        /// <summary>The label; at least 0.</summary>
        public int Label { get; init => field = Require.AtLeast(value, 0, nameof(Label)); } = Require.AtLeast(Label, 0);

        /// <summary>Above 0.</summary>
        public double Weight { get; init => field = Require.Positive(value, nameof(Weight)); } = Require.Positive(Weight);

        /// <inheritdoc/>
        public override Sequence<ConditionTerm> With(Sequence<ConditionTerm> towards) => Moved(towards, -Weight, Label);

        /// <inheritdoc/>
        public override string ToString() => $"not {Label}{Times(Weight)}";
    }

    /// <summary>
    /// Blend: (1 − share) of what was there and share of the label, the geometric mean of the densities. No mixture of them, whose score
    /// needs the densities themselves; samples of a mixture are drawn by labels that take turns.
    /// </summary>
    /// <param name="Label">The label; at least 0.</param>
    /// <param name="Share">In [0, 1].</param>
    public sealed record Blend(int Label, double Share = 0.5) : LabelTerm
    {
        /// <summary>The label; at least 0.</summary>
        public int Label { get; init => field = Require.AtLeast(value, 0, nameof(Label)); } = Require.AtLeast(Label, 0);

        /// <summary>In [0, 1].</summary>
        public double Share { get; init => field = Require.Within(value, 0, 1, nameof(Share)); } = Require.Within(Share, 0, 1);

        /// <inheritdoc/>
        public override Sequence<ConditionTerm> With(Sequence<ConditionTerm> towards) =>
            ConditionTerm.Sum((1 - Share, towards), (Share, [new(1, new Condition.Other(Label))]));

        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"blend {Label} × {Share}");
    }
}
