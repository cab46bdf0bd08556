using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;

namespace Diffusion.Model.Runs;

/// <summary>What was measured at the end of an epoch. A closed union.</summary>
/// <param name="Count">How many samples or images were measured; what the column <c>samples</c> says.</param>
public abstract record EvaluationResult(int Count)
{
    /// <summary>How samples were drawn; empty where none were.</summary>
    public abstract string Drawn { get; }

    /// <summary>Network evaluations per sample (NFE); null where no samples were drawn.</summary>
    public abstract int? Calls { get; }

    /// <summary>The numbers, in the order of their columns.</summary>
    public abstract Sequence<MetricValue> Figures { get; }

    /// <summary>What the best checkpoint of a run is chosen by; smaller is better. Null where nothing was measured.</summary>
    public double? SelectionMetric => Figures is [{ Value: var value }, ..] ? value : null;

    /// <summary>The numbers for a person.</summary>
    public abstract string Text { get; }

    /// <summary>What a script finds the numbers under.</summary>
    public abstract string Key { get; }
}

/// <summary>Samples and what was measured on them.</summary>
/// <param name="Count">How many distances were computed from.</param>
/// <param name="Sampler">How they were drawn.</param>
/// <param name="NetworkCalls">Network evaluations per sample (NFE).</param>
/// <param name="Distances">The distances, in the order of the columns.</param>
public sealed record SampleReport(int Count, string Sampler, int NetworkCalls, Sequence<MetricValue> Distances) : EvaluationResult(Count)
{
    /// <inheritdoc/>
    public override string Drawn => Sampler;

    /// <inheritdoc/>
    public override int? Calls => NetworkCalls;

    /// <inheritdoc/>
    public override Sequence<MetricValue> Figures => Distances;

    /// <inheritdoc/>
    public override string Text => Distances.Count == 0 ? $"no distance ({Counted.Of(Count, "sample")})"
        : Distances.All(distance => double.IsNaN(distance.Value))
            ? $"nothing measured: {Counted.Of(Count, "sample")} with numbers that are not finite"
        // The numbers of single classes are left to the table.
        : string.Join(", ", Distances.Where(distance => !char.IsAsciiDigit(distance.Name[^1])).Select(distance =>
            $"{distance.Name} {NumberText.Short(distance.Value, "0.00")} ({Counted.Of(Count, "sample")})"));

    /// <inheritdoc/>
    public override string Key => "distances";
}

/// <summary>Noisy images and how well a classifier named them.</summary>
/// <param name="Count">How many images it was shown at each noise level.</param>
/// <param name="Scores">The scores, in the order of the columns; the first one is better when smaller.</param>
public sealed record ClassifierReport(int Count, Sequence<MetricValue> Scores) : EvaluationResult(Count)
{
    /// <inheritdoc/>
    public override string Drawn => "";

    /// <inheritdoc/>
    public override int? Calls => null;

    /// <inheritdoc/>
    public override Sequence<MetricValue> Figures => Scores;

    /// <inheritdoc/>
    public override string Text =>
        string.Join(", ", Scores.Select(score => string.Create(CultureInfo.InvariantCulture, $"{score.Name} {score.Value:0.000}"))) +
            string.Create(CultureInfo.InvariantCulture, $" ({Counted.Of(Count, "image")})");

    /// <inheritdoc/>
    public override string Key => "scores";
}

/// <summary>Nothing was measured: the run diverged.</summary>
public sealed record NothingMeasured() : EvaluationResult(0)
{
    /// <inheritdoc/>
    public override string Drawn => "";

    /// <inheritdoc/>
    public override int? Calls => null;

    /// <inheritdoc/>
    public override Sequence<MetricValue> Figures => [];

    /// <inheritdoc/>
    public override string Text => "nothing measured";

    /// <inheritdoc/>
    public override string Key => "distances";
}
