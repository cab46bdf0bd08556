using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;

namespace Diffusion.Host.Sweeps;

/// <summary>What a sweep measures.</summary>
public static class SweepMetrics
{
    /// <summary>The metrics that can be asked for: those of the library, precision and recall against as many real images as samples.</summary>
    public static MetricCatalogue Catalogue { get; } =
        MetricCatalogue.Known.With(new PrecisionRecallMetric { References = NearestReferences.AsManyAsSamples });

    /// <summary>Those of a sweep where a person says nothing.</summary>
    public static Sequence<Metric> Usual { get; } = Catalogue.Of(["fid", "precision-recall", "class-fid", "accuracy", "diversity"]);
}
