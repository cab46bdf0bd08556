using Diffusion.Host.Downloads;
using Diffusion.Host.Measuring;
using Diffusion.Host.Runs;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using TorchSharp;

namespace Diffusion.Host.Training;

/// <summary>Chooses what samples are measured by.</summary>
public static class DistanceMeters
{
    /// <summary>The meter for a data set: the small network that this program carries for such images, and Inception where there is a file.</summary>
    /// <param name="images">The images that the model is trained on, and those held out.</param>
    /// <param name="inception">The weights of the Inception network, or null.</param>
    /// <param name="device">Where the networks run.</param>
    /// <exception cref="InputException">The file does not hold these weights.</exception>
    public static IDistanceMeter For(TrainingData images, string? inception, torch.Device device)
    {
        var extractors = new List<FeatureExtractor>();
        // One image has no distance.
        if (images.Train.Provenance.Count < 2)
            return new Several([]);
        try
        {
            if (SmallNetwork.For(images.Train.Provenance.Shape) is { } small)
                extractors.Add(FeatureExtractor.Small(small, device));
            if (inception is not null)
                extractors.Add(FeatureExtractor.Inception(inception, new InceptionProtocol.PytorchFid(), FeatureArithmetic.Float32, device));
            var cache = new ReferenceCache(CacheFolder.Default["statistics"]);
            return new Several(extractors.Select(extractor => (IDistanceMeter)new FeatureMeter(extractor, images.Train, images.Test, cache)).ToSequence());
        }
        catch
        {
            foreach (var extractor in extractors)
                extractor.Dispose();
            throw;
        }
    }

    private sealed class Several(Sequence<IDistanceMeter> meters) : IDistanceMeter
    {
        public Sequence<string> Columns => [.. meters.SelectMany(meter => meter.Columns)];

        public string Provenance => string.Join("; ", meters.Select(meter => meter.Provenance));

        public Sequence<Distance> Floor => [.. meters.SelectMany(meter => meter.Floor)];

        public Sequence<Distance> Measure(torch.Tensor samples) => [.. meters.SelectMany(meter => meter.Measure(samples))];

        public void Dispose()
        {
            foreach (var meter in meters)
                meter.Dispose();
        }
    }
}
