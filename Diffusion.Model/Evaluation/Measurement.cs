using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;

namespace Diffusion.Model.Evaluation;

/// <summary>Numbers, with the protocol that they belong to.</summary>
/// <param name="Values">What was measured, in the order of the columns.</param>
/// <param name="Protocol">What it depends on.</param>
public sealed record Measurement(Sequence<MetricValue> Values, MeasurementProtocol Protocol)
{
    /// <summary>
    /// Whether one of the sets has fewer images than features, so that its covariance is singular and a distance far too large.
    /// </summary>
    public bool IsSmall { get; init; }

    /// <summary>Whether there is no number at all, for the samples hold what no image can.</summary>
    public bool IsNotANumber => Values.All(value => double.IsNaN(value.Value));

    /// <summary>What a person should know of the numbers.</summary>
    public Sequence<MetricNote> Notes { get; init; } = [];

    /// <summary>Numbers beside them for a script; null where one does not apply.</summary>
    public Sequence<(string Name, double? Value)> Facts { get; init; } = [];

    /// <summary>A number by its column.</summary>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public double this[string column] => Values.Any(value => value.Name == column)
        ? Values.First(value => value.Name == column).Value
        : throw new ArgumentException(
            $"There is no {column} among {string.Join(", ", Values.Select(value => value.Name))}.", nameof(column));

    /// <summary>Measures images against others by one network: <c>Measurement.Of(network, real, samples)["fid"]</c>.</summary>
    /// <param name="extractor">The network; not owned.</param>
    /// <param name="reference">The reference; not owned.</param>
    /// <param name="samples">The samples; not owned.</param>
    /// <param name="metrics">The metrics; the Fréchet distance alone without any.</param>
    /// <exception cref="InputException">An image cannot be read, or a sample holds what no image can.</exception>
    /// <exception cref="ArgumentException">The images do not fit the network or a metric.</exception>
    public static Measurement Of(
        FeatureExtractor extractor, EvaluationInput reference, EvaluationInput samples, params Sequence<Metric> metrics)
    {
        using var evaluator = new Evaluator(extractor, reference, metrics.Count == 0 ? [new FrechetMetric()] : metrics);
        return evaluator.Measure(samples);
    }

    /// <summary>Measures what is at one place against what is at another, each image of its own size.</summary>
    /// <param name="extractor">The network; not owned.</param>
    /// <param name="reference">The reference; see <see cref="EvaluationInput.Open"/>.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="metrics">The metrics; the Fréchet distance alone without any.</param>
    /// <inheritdoc cref="Of(FeatureExtractor, EvaluationInput, EvaluationInput, Sequence{Metric})"/>
    public static Measurement Of(FeatureExtractor extractor, string reference, string samples, params Sequence<Metric> metrics)
    {
        using var real = EvaluationInput.Open(reference);
        using var others = EvaluationInput.Open(samples);
        return Of(extractor, real, others, metrics);
    }

    /// <summary>Compares samples with a reference.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="metrics">The metrics; at least one.</param>
    /// <exception cref="ArgumentException">
    /// A side lacks what a metric needs, the two were not made by the same network, or a side does not say by which.
    /// </exception>
    public static Measurement Between(FeatureSet reference, FeatureSet samples, Sequence<Metric> metrics)
    {
        var extractor = Common(reference, samples);
        // What is only assumed to be of the genuine weights is not called after them.
        var assumed = Assumed(reference, samples);
        var named = assumed is null ? extractor : extractor with { WeightsSha256 = "" };
        var found = metrics.Select(metric => (Metric: metric, Numbers: metric.Between(reference, samples))).ToList();
        return new(
            found.SelectMany(one => Named(one.Metric, one.Numbers, one.Metric.Compares ? named : extractor)).ToSequence(),
            ProtocolOf(extractor, reference.Identity, samples.Fit.Count, samples.Drawn, metrics) with { Assumed = assumed })
        {
            IsSmall = reference.IsSmall || samples.IsSmall,
            Notes =
            [
                .. found.SelectMany(one => one.Numbers.Notes),
                .. assumed is null ? Enumerable.Empty<MetricNote>() : [Unvouched(assumed)],
            ],
            Facts = found.SelectMany(one => one.Numbers.Facts).ToSequence(),
        };
    }

    /// <summary>What numbers of some metrics depend on, known before anything is measured.</summary>
    public static MeasurementProtocol ProtocolOf(
        ExtractorIdentity extractor, ReferenceIdentity reference, long? count, DrawnSamples? drawn, Sequence<Metric> metrics) =>
        new(extractor, reference, count, drawn)
        {
            OfMetrics = metrics.SelectMany(metric => metric.Fields(reference.Count, count)).ToSequence(),
        };

    private static IEnumerable<MetricValue> Named(Metric metric, MetricNumbers numbers, ExtractorIdentity features)
    {
        // A metric of classes has as many columns as the network has classes, which is as many as it has numbers.
        var columns = metric.Columns(features, metric.NeedsLabels ? numbers.Values.Count - 1 : 0);
        return columns.Zip(numbers.Values, (name, value) => new MetricValue(name, value));
    }

    // Features that nobody knows the network of compare with nothing, not even with each other, unless somebody says what made them.
    private static ExtractorIdentity Common(FeatureSet reference, FeatureSet samples)
    {
        var (first, second) = (reference.Extractor ?? ExtractorIdentity.Unknown, samples.Extractor ?? ExtractorIdentity.Unknown);
        return reference.Extractor is not null && first == second
            ? first
            : throw new ArgumentException($"Features of ({first}) and of ({second}) do not compare.", nameof(samples));
    }

    private static string? Assumed(FeatureSet reference, FeatureSet samples) => (reference.Assumed, samples.Assumed) switch
    {
        (null, null) => null,
        ({ } of, null) => $"reference: {of}",
        (null, { } of) => $"samples: {of}",
        var (of, _) => $"both: {of}",
    };

    private static MetricNote Unvouched(string assumed) =>
        new($"the statistics do not say what made them, assumed for {assumed}", "no more certain than that");
}
