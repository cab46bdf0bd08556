using Diffusion.Math.Evaluation;
using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;

namespace Diffusion.Model.Evaluation;

/// <summary>Precision and recall, density and coverage. Kynkäänniemi et al. 2019; Naeem et al. 2020.</summary>
public sealed record PrecisionRecallMetric : Metric
{
    /// <summary>k: to which neighbour an image reaches; at least 1.</summary>
    public int Neighbour { get; init => field = Require.AtLeast(value, 1); } = PrecisionRecall.UsualNeighbour;

    /// <summary>Which of the reference images are taken.</summary>
    public NearestReferences References { get; init; }

    /// <inheritdoc/>
    public override string Name => "precision-recall";

    /// <inheritdoc/>
    public override string Summary => "precision, recall, density and coverage, by the 3rd neighbour";

    /// <inheritdoc/>
    public override Sequence<Accumulation> OfReference => [new KeptVectors()];

    /// <inheritdoc/>
    public override Sequence<Accumulation> OfSamples => [new KeptVectors()];

    /// <inheritdoc/>
    public override int LeastImages => Neighbour + 1;

    /// <inheritdoc/>
    public override Sequence<string> FieldNames => ["nearest_k", "nearest_references"];

    /// <inheritdoc/>
    public override Sequence<string> Columns(ExtractorIdentity features, int classes) =>
        [features.NameOf("precision"), features.NameOf("recall"), features.NameOf("density"), features.NameOf("coverage")];

    /// <inheritdoc/>
    public override MetricNumbers Between(FeatureSet reference, FeatureSet samples)
    {
        var (all, own) = (reference.Of(new KeptVectors()), samples.Of(new KeptVectors()));
        var count = (int)CountOf(all.Count, own.Count);
        using var chosen = all.Pick([.. Enumerable.Range(0, count).Select(index => (int)((long)index * all.Count / count))]);
        var found = PrecisionRecall.Between(chosen, own, Neighbour);
        return new([found.Precision, found.Recall, found.Density, found.Coverage]);
    }

    /// <inheritdoc/>
    protected override Sequence<long?> FieldsOf(long? references, long? samples) =>
        [Neighbour, references is { } all ? CountOf(all, samples ?? all) : null];

    private long CountOf(long references, long samples) =>
        References == NearestReferences.AsManyAsSamples ? Min(references, samples) : references;
}

/// <summary>Which reference images precision and recall are computed from; they depend on how many there are for each sample.</summary>
public enum NearestReferences
{
    /// <summary>All.</summary>
    All,

    /// <summary>
    /// As many as samples, as both papers have it, from everywhere in the set: of ten times as many, most would lie beyond reach.
    /// </summary>
    AsManyAsSamples,
}
