using System.Globalization;
using Diffusion.Math.Evaluation;
using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;

namespace Diffusion.Model.Evaluation;

/// <summary>
/// The kernel distance, mean and spread over subsets; KID on features of the genuine Inception network. Bińkowski et al. 2018.
/// </summary>
public sealed record KernelMetric : Metric
{
    /// <summary>The subsets, which are never larger than the smaller set.</summary>
    public KernelSubsets Subsets { get; init; } = new();

    /// <inheritdoc/>
    public override string Name => "kid";

    /// <inheritdoc/>
    public override string Summary => "the kernel distance, over 100 subsets of 1000 as torch-fidelity draws them";

    /// <inheritdoc/>
    public override Sequence<Accumulation> OfReference => [new KeptVectors()];

    /// <inheritdoc/>
    public override Sequence<Accumulation> OfSamples => [new KeptVectors()];

    /// <inheritdoc/>
    public override Sequence<string> FieldNames => ["kid_subsets", "kid_subset_size"];

    /// <inheritdoc/>
    public override Sequence<string> Columns(ExtractorIdentity features, int classes) =>
        [features.NameOf("kid", "kd"), $"{features.NameOf("kid", "kd")}_std"];

    /// <inheritdoc/>
    public override MetricNumbers Between(FeatureSet reference, FeatureSet samples)
    {
        var (first, second) = (reference.Of(new KeptVectors()), samples.Of(new KeptVectors()));
        var subsets = Subsets with { Size = SizeFor(first.Count, second.Count) };
        var distances = KernelDistance.OverSubsets(first, second, new PolynomialKernel(), subsets.Draw(first.Count, second.Count));
        var spread = Spread.Of(distances.Select(distance => distance.Unbiased));
        var isShrunk = subsets.Size < Subsets.Size;
        return new([spread.Mean, spread.Deviation])
        {
            Notes = isShrunk ? [Shrunk(subsets.Size)] : [],
            Facts = [("kid_subsets_shrunk_from", isShrunk ? Subsets.Size : null)],
        };
    }

    /// <inheritdoc/>
    protected override Sequence<long?> FieldsOf(long? references, long? samples) =>
        [Subsets.Count, SizeFor(references ?? Subsets.Size, samples ?? Subsets.Size)];

    private int SizeFor(long references, long samples) => (int)Min(Subsets.Size, Min(references, samples));

    private MetricNote Shrunk(int size) => new(string.Create(CultureInfo.InvariantCulture,
        $"kernel distance over subsets of {size} instead of {Subsets.Size}, for the smaller set has no more"),
        "comparable only with others like it");
}
