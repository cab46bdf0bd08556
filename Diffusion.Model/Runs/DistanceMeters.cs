using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using TorchSharp;

namespace Diffusion.Model.Runs;

/// <summary>Chooses what samples are measured by.</summary>
public static class DistanceMeters
{
    /// <summary>
    /// The meter for a data set: the small network that the library carries for such images, and Inception where there is a file.
    /// </summary>
    /// <param name="images">The images that the model is trained on, and those held out.</param>
    /// <param name="metrics">What is measured; at least one, that which the best checkpoint is chosen by first.</param>
    /// <param name="inception">The weights of the Inception network, or null.</param>
    /// <param name="device">Where the networks run.</param>
    /// <param name="cache">Where references are kept; null for nowhere.</param>
    /// <exception cref="InputException">The file does not hold these weights.</exception>
    public static IDistanceMeter For(
        TrainingData images, Sequence<Metric> metrics, string? inception, torch.Device device, ReferenceCache? cache)
    {
        var extractors = new List<FeatureExtractor>();
        // One image has no distance.
        if (images.Train.Provenance.Count < 2)
            return new Several([]);
        try
        {
            var shape = images.Train.Provenance.Shape;
            var transparency = OverWhitePreparation.For(shape);
            if (SmallNetwork.For(shape) is { } small)
                extractors.Add(FeatureExtractor.Small(small, device, transparency));
            if (inception is not null)
                extractors.Add(FeatureExtractor.Inception(
                    inception, new InceptionProtocol.PytorchFid(), FeatureArithmetic.Float32, device, transparency));
            return new Several(extractors.Select(
                extractor => (IDistanceMeter)new FeatureMeter(extractor, images, metrics, cache)).ToSequence());
        }
        catch
        {
            foreach (var extractor in extractors)
                extractor.Dispose();
            throw;
        }
    }

    /// <summary>The metrics of a recipe.</summary>
    /// <exception cref="InputException">There is no such metric, or it cannot be computed from the samples of the recipe.</exception>
    public static Sequence<Metric> MetricsOf(Recipe recipe)
    {
        const string setting = "evaluation.metrics";
        Sequence<Metric> metrics;
        try
        {
            metrics = MetricCatalogue.OfSamples.Of(recipe.Evaluation.Metrics);
        }
        catch (ArgumentException unknown)
        {
            throw new InputException(setting, Sentence.Of(unknown), "names of metrics", unknown);
        }
        var (classes, samples) = (recipe.Network.Labels?.Classes, recipe.Evaluation.FewestIn(recipe.Length));
        foreach (var metric in metrics)
        {
            if (metric.NeedsLabels && classes is null)
                throw new InputException(setting, $"{metric.Name}, and a model that knows no labels", "metrics that need none");
            var least = metric.NeedsLabels ? 2 * classes!.Value : metric.LeastImages;
            if (samples < least)
                throw new InputException(
                    "evaluation.samples", $"{samples}", $"at least {least} for {metric.Name}, such as --samples {least}");
        }
        return metrics;
    }

    private sealed class Several(Sequence<IDistanceMeter> meters) : IDistanceMeter
    {
        public Sequence<string> Columns => [.. meters.SelectMany(meter => meter.Columns)];

        public string Provenance => string.Join("; ", meters.Select(meter => meter.Provenance));

        public Sequence<Floor> FloorOf(int samples) => [.. meters.SelectMany(meter => meter.FloorOf(samples))];

        public int Features => meters.Select(meter => meter.Features).DefaultIfEmpty(0).Max();

        public Sequence<MetricValue> Measure(torch.Tensor samples, Func<long, long?> labelOf) =>
            [.. meters.SelectMany(meter => meter.Measure(samples, labelOf))];

        public void Dispose()
        {
            foreach (var meter in meters)
                meter.Dispose();
        }
    }
}

/// <summary>Measures samples by one feature network, against the images that a model is trained on.</summary>
public sealed class FeatureMeter : IDistanceMeter
{
    private readonly FeatureExtractor _extractor;
    private readonly Evaluator _evaluator;
    private readonly IImageSource? _heldOut;
    private readonly ReferenceCache? _cache;

    /// <summary>Measures the reference, or finds it in the cache.</summary>
    /// <param name="extractor">The network; taken over.</param>
    /// <param name="images">The images that the model is trained on, and those held out; not owned.</param>
    /// <param name="metrics">What is measured; of images whose labels the network does not know, no metric that needs labels.</param>
    /// <param name="cache">Where references are kept; null for nowhere.</param>
    public FeatureMeter(FeatureExtractor extractor, TrainingData images, Sequence<Metric> metrics, ReferenceCache? cache)
    {
        _extractor = extractor;
        var reference = new EvaluationInput.OfOneSize(images.Train, "training images");
        var knowsLabels = reference.Classes == extractor.Classes;
        _evaluator = new(extractor, reference, metrics.Where(metric => knowsLabels || !metric.NeedsLabels).ToSequence(), cache: cache);
        _heldOut = images.Test;
        _cache = cache;
    }

    /// <inheritdoc/>
    public Sequence<string> Columns => _evaluator.Columns;

    /// <inheritdoc/>
    public int Features => _evaluator.Metrics.Any(metric => metric is FrechetMetric) ? _extractor.Dimension : 0;

    /// <inheritdoc/>
    public string Provenance => _evaluator.Provenance;

    /// <inheritdoc/>
    public Sequence<Floor> FloorOf(int samples)
    {
        if (_heldOut is not { Provenance.Count: > 1 } all)
            return [];
        using var some = samples < all.Provenance.Count ? all.Spread(samples) : null;
        var input = new EvaluationInput.OfOneSize(some ?? all, "held-out images");
        using var features = input.Measure(_extractor, [], new(), _cache);
        var distance = new FrechetMetric().Between(_evaluator.ReferenceFeatures, features).Values[0];
        return [new(_extractor.Identity.DistanceName, distance, (int)input.Count!)];
    }

    /// <inheritdoc/>
    public Sequence<MetricValue> Measure(torch.Tensor samples, Func<long, long?> labelOf) =>
        _evaluator.Measure(new EvaluationInput.OfTensor(samples, labelOf), NonFiniteSamples.NotANumber).Values;

    /// <inheritdoc/>
    public void Dispose()
    {
        _evaluator.Dispose();
        _extractor.Dispose();
    }
}
