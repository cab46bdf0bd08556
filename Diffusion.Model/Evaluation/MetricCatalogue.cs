using Diffusion.Math.Values;

namespace Diffusion.Model.Evaluation;

/// <summary>The metrics that can be asked for by name. A new one is added here.</summary>
/// <param name="Metrics">The metrics, in the order of their columns.</param>
public sealed record MetricCatalogue(Sequence<Metric> Metrics)
{
    /// <summary>Those of this library.</summary>
    public static MetricCatalogue Known { get; } = new(
    [
        new FrechetMetric(), new KernelMetric(), new InceptionScoreMetric(), new PrecisionRecallMetric(),
        new ClassFrechetMetric(), new AccuracyMetric(), new DiversityMetric(),
    ]);

    /// <summary>
    /// The same for samples that are measured again and again against many images, as in training and in sweeps: precision and recall
    /// against as many of them as samples.
    /// </summary>
    public static MetricCatalogue OfSamples { get; } =
        Known.With(new PrecisionRecallMetric { References = NearestReferences.AsManyAsSamples });

    /// <summary>Those of a sweep where a person says nothing.</summary>
    public static Sequence<Metric> OfSweeps { get; } =
        OfSamples.Of(["fid", "precision-recall", "class-fid", "accuracy", "diversity"]);

    /// <summary>Names of the fields of a protocol that only some metrics have.</summary>
    public Sequence<string> FieldNames => Metrics.SelectMany(metric => metric.FieldNames).Distinct().ToSequence();

    /// <summary>The metric of a name; null where there is none.</summary>
    public Metric? Find(string name) => Metrics.FirstOrDefault(metric => metric.Name == name);

    /// <summary>The metrics of some names, in the order of the catalogue, each once.</summary>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public Sequence<Metric> Of(IEnumerable<string> names)
    {
        var asked = names.ToHashSet();
        return asked.FirstOrDefault(name => Find(name) is null) is { } unknown
            ? throw new ArgumentException(
                $"'{unknown}' is no metric; there are {string.Join(", ", Metrics.Select(metric => metric.Name))}.", nameof(names))
            : Metrics.Where(metric => asked.Contains(metric.Name)).ToSequence();
    }

    /// <summary>The same with one metric more, or with another in place of the one of its name.</summary>
    public MetricCatalogue With(Metric metric) => Find(metric.Name) is { } present
        ? new(Metrics.Select(one => one == present ? metric : one).ToSequence())
        : new([.. Metrics, metric]);
}
