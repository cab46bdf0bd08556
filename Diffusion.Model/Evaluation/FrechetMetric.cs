using System.Globalization;
using Diffusion.Math.Evaluation;
using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;

namespace Diffusion.Model.Evaluation;

/// <summary>The Fréchet distance: on features of the genuine Inception network the FID. Heusel et al. 2017, Eq. 6.</summary>
public sealed record FrechetMetric : Metric
{
    /// <summary>
    /// √|λ| summed over eigenvalues that rounding made negative and that were taken as 0, in the unit of the distance.
    /// </summary>
    public const string Clamped = "clamped";

    /// <summary>The reservation about a distance of fewer images than features: the covariance is singular.</summary>
    public static MetricNote Small { get; } =
        new("fewer images than features", "the distance is far too large, and comparable only with results of the same kind");

    /// <summary>The same before anything is measured; null where there are images enough.</summary>
    /// <param name="count">How many samples are measured.</param>
    /// <param name="dimension">How many features they have.</param>
    public static string? Concern(long count, int dimension) => count >= dimension ? null : string.Create(CultureInfo.InvariantCulture,
        $"{Counted.Of(count, "sample")}, {Small.Text} ({dimension}): {Small.Consequence}");

    /// <inheritdoc/>
    public override string Name => "fid";

    /// <inheritdoc/>
    public override string Summary => "the Fréchet distance, FID with the genuine Inception network";

    /// <inheritdoc/>
    public override Sequence<string> Columns(ExtractorIdentity features, int classes) => [features.DistanceName];

    /// <inheritdoc/>
    public override MetricNumbers Between(FeatureSet reference, FeatureSet samples)
    {
        var distance = FrechetDistance.Between(reference.Fit, samples.Fit, Spectrum.RootTrace);
        return new([distance.Value])
        {
            Notes = reference.IsSmall || samples.IsSmall ? [Small] : [],
            Facts = [(Clamped, distance.Root.Clamped)],
        };
    }
}
