using System.Globalization;
using Diffusion.Math.Evaluation;
using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;

namespace Diffusion.Model.Evaluation;

/// <summary>The Fréchet distance of every class by itself, and their mean.</summary>
/// <remarks>Far too large where a class has fewer images than there are features, yet comparable at equal numbers.</remarks>
public sealed record ClassFrechetMetric : Metric
{
    /// <inheritdoc/>
    public override string Name => "class-fid";

    /// <inheritdoc/>
    public override string Summary => "the Fréchet distance of every class of labelled images, and the mean of them";

    /// <inheritdoc/>
    public override Sequence<Accumulation> OfReference => [new ByClass()];

    /// <inheritdoc/>
    public override Sequence<Accumulation> OfSamples => [new ByClass()];

    /// <inheritdoc/>
    public override Sequence<string> Columns(ExtractorIdentity features, int classes) =>
        [$"{features.DistanceName}_classes", .. Enumerable.Range(0, classes).Select(label => Numbered(features.DistanceName, label))];

    /// <inheritdoc/>
    public override MetricNumbers Between(FeatureSet reference, FeatureSet samples)
    {
        double[] distances = [.. ClassPairs.Of(reference, samples).Select(
            pair => FrechetDistance.Between(pair.Reference.Fit(), pair.Samples.Fit(), Spectrum.RootTrace).Value)];
        return new([distances.Average(), .. distances]);
    }

    internal static string Numbered(string name, int label) => string.Create(CultureInfo.InvariantCulture, $"{name}_{label}");
}

/// <summary>The classes of two sets side by side.</summary>
internal static class ClassPairs
{
    /// <summary>The features of each class, in the order of labels.</summary>
    /// <exception cref="ArgumentException">A class has fewer than two images.</exception>
    internal static IEnumerable<(FeatureStatistics Reference, FeatureStatistics Samples)> Of(FeatureSet reference, FeatureSet samples)
    {
        var (first, second) = (reference.Of(new ByClass()).Statistics, samples.Of(new ByClass()).Statistics);
        foreach (var part in first.Concat(second))
            if (part.Count < 2)
                throw new ArgumentException($"{part.Count} images of a class have no distance; at least 2 are needed.", nameof(samples));
        return first.Zip(second);
    }
}
