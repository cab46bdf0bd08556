using Diffusion.Math.Evaluation;
using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;

namespace Diffusion.Model.Evaluation;

/// <summary>The Inception Score of the samples, mean and spread over parts of them. Salimans et al. 2016, section 4.</summary>
public sealed record InceptionScoreMetric : Metric
{
    /// <summary>How the samples are cut into parts.</summary>
    public ScoreParts Parts { get; init; } = new ScoreParts.Shuffled();

    /// <inheritdoc/>
    public override string Name => "inception-score";

    /// <inheritdoc/>
    public override string Summary => "the Inception Score, over 10 parts as torch-fidelity shuffles them";

    /// <inheritdoc/>
    public override bool Compares => false;

    /// <inheritdoc/>
    public override Sequence<Accumulation> OfSamples => [new ScoredParts(Parts)];

    /// <inheritdoc/>
    public override Sequence<string> FieldNames => ["is_parts"];

    /// <inheritdoc/>
    public override Sequence<string> Columns(ExtractorIdentity features, int classes) =>
        [features.NameOf("is"), $"{features.NameOf("is")}_std"];

    /// <inheritdoc/>
    public override MetricNumbers Between(FeatureSet reference, FeatureSet samples)
    {
        var scores = samples.Of(new ScoredParts(Parts));
        var spread = Spread.Of(scores.Select(part => part.Value));
        var isOnePart = scores.Count == 1 && Parts.Fitting((int)samples.Fit.Count!) != Parts;
        return new([spread.Mean, spread.Deviation])
        {
            Notes = isOnePart
                ? [new("Inception Score of all images at once, for they are fewer than its parts", "comparable only with others like it")]
                : [],
        };
    }

    /// <inheritdoc/>
    protected override Sequence<long?> FieldsOf(long? references, long? samples) =>
        [samples is { } count ? Parts.Fitting((int)count).Assign((int)count).Max() + 1 : null];
}
