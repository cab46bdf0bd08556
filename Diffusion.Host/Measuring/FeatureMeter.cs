using System.Globalization;
using Diffusion.Math.Evaluation;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Images;
using TorchSharp;

namespace Diffusion.Host.Measuring;

/// <summary>Measures samples by one feature network, against the images that a model is trained on.</summary>
public sealed class FeatureMeter : IDistanceMeter
{
    private readonly FeatureExtractor _extractor;
    private readonly MeasuredImages _reference;

    /// <summary>Measures the reference, or finds it in the cache.</summary>
    /// <param name="extractor">The network; taken over.</param>
    /// <param name="reference">The images that the model is trained on.</param>
    /// <param name="heldOut">Images of the same kind that it never sees, or null.</param>
    /// <param name="cache">Where references are kept.</param>
    public FeatureMeter(FeatureExtractor extractor, IImageSource reference, IImageSource? heldOut, ReferenceCache cache)
    {
        _extractor = extractor;
        _reference = Known(reference, cache);
        using var floor = heldOut is { Provenance.Count: > 1 } ? Known(heldOut, cache) : null;
        Floor = floor is null ? [] : [Distance(floor.Fit)];
        FloorCount = floor?.Fit.Count ?? 0;
    }

    /// <inheritdoc/>
    public Sequence<string> Columns => [_extractor.Identity.DistanceName];

    /// <inheritdoc/>
    public Sequence<Distance> Floor { get; }

    /// <summary>From how many images <see cref="Floor"/> was computed.</summary>
    public long FloorCount { get; }

    /// <inheritdoc/>
    public string Provenance
    {
        get
        {
            var identity = _extractor.Identity;
            var floor = Floor.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", floor {NumberText.Short(Floor[0].Value, "0.####")} of {FloorCount} held-out images");
            return $"{identity.DistanceName}: weights {identity.WeightsSha256}, resize {identity.Preparation}, rounding {MeasurementProtocol.Rounding}, "
                + string.Create(CultureInfo.InvariantCulture, $"reference {_reference.Sha256} of {_reference.Fit.Count}{floor}");
        }
    }

    /// <inheritdoc/>
    public Sequence<Distance> Measure(torch.Tensor samples)
    {
        if (!IsFinite(samples))
            return [new(_extractor.Identity.DistanceName, double.NaN)];
        using var pass = new FeaturePass(_extractor, new(), (int)samples.shape[0]);
        for (var first = 0L; first < samples.shape[0]; first += _extractor.BatchSize)
        {
            using var scope = torch.NewDisposeScope();
            pass.Add(Pixels.ToBytes(samples.narrow(0, first, Min(_extractor.BatchSize, samples.shape[0] - first))));
        }
        using var features = pass.Complete();
        return [Distance(features.Statistics.Fit())];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reference.Dispose();
        _extractor.Dispose();
    }

    // A network that has diverged paints what no image file can hold.
    private static bool IsFinite(torch.Tensor samples)
    {
        using var scope = torch.NewDisposeScope();
        return samples.isfinite().all().item<bool>();
    }

    private Distance Distance(NormalFit fit) =>
        new(_extractor.Identity.DistanceName, FrechetDistance.Between(_reference.Fit, fit, Spectrum.RootTrace).Value);

    private MeasuredImages Known(IImageSource images, ReferenceCache cache)
    {
        var sha256 = ImageHash.Of(images, CancellationToken.None);
        return cache.Find(sha256, _extractor.Identity, () => MeasuredImages.Of(
            FeatureExtraction.Run(_extractor, images, new(), new Progress<int>(), CancellationToken.None), sha256));
    }
}
