using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;

namespace Diffusion.Model.Evaluation;

/// <summary>
/// The variance of features within a class, summed over features, as a share of that of real images: 1 where samples of a class vary as
/// much as real ones. The mean over classes, and of every class.
/// </summary>
public sealed record DiversityMetric : Metric
{
    /// <inheritdoc/>
    public override string Name => "diversity";

    /// <inheritdoc/>
    public override string Summary => "how much labelled images vary within a class, as a share of the reference";

    /// <inheritdoc/>
    public override Sequence<Accumulation> OfReference => [new ByClass()];

    /// <inheritdoc/>
    public override Sequence<Accumulation> OfSamples => [new ByClass()];

    /// <inheritdoc/>
    public override Sequence<string> Columns(ExtractorIdentity features, int classes) =>
        ["diversity", .. Enumerable.Range(0, classes).Select(label => ClassFrechetMetric.Numbered("diversity", label))];

    /// <inheritdoc/>
    public override MetricNumbers Between(FeatureSet reference, FeatureSet samples)
    {
        double[] shares = [.. ClassPairs.Of(reference, samples).Select(
            pair => pair.Samples.Fit().Covariance.Trace / pair.Reference.Fit().Covariance.Trace)];
        return new([shares.Average(), .. shares]);
    }
}
