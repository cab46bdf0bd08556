using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.FeatureNetworks;

namespace Diffusion.Model.Evaluation;

/// <summary>
/// The share of the samples that the feature network recognises as what they are meant to show, in [0, 1]; of all and of every class.
/// </summary>
public sealed record AccuracyMetric : Metric
{
    /// <inheritdoc/>
    public override string Name => "accuracy";

    /// <inheritdoc/>
    public override string Summary => "the share of labelled images that the feature network recognises";

    /// <inheritdoc/>
    public override bool Compares => false;

    /// <inheritdoc/>
    public override Sequence<Accumulation> OfSamples => [new ByClass()];

    /// <inheritdoc/>
    public override Sequence<string> Columns(ExtractorIdentity features, int classes) =>
        ["accuracy", .. Enumerable.Range(0, classes).Select(label => ClassFrechetMetric.Numbered("accuracy", label))];

    /// <inheritdoc/>
    public override MetricNumbers Between(FeatureSet reference, FeatureSet samples) => Of(samples);

    /// <summary>The share of labelled images that a network recognises.</summary>
    /// <param name="extractor">The network; not owned.</param>
    /// <param name="images">The images; not owned.</param>
    public static double Of(FeatureExtractor extractor, IImageSource images)
    {
        using var features = new EvaluationInput.OfOneSize(images, "").Measure(extractor, [new ByClass()], new());
        return Of(features).Values[0];
    }

    private static MetricNumbers Of(FeatureSet samples)
    {
        var classes = samples.Of(new ByClass());
        return new(
        [
            (double)classes.Recognised.Sum() / classes.Statistics.Sum(part => part.Count),
            .. classes.Recognised.Zip(classes.Statistics, (right, part) => (double)right / part.Count),
        ]);
    }
}
