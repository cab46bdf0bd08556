using System.Globalization;
using Diffusion.Host.Displays;
using Diffusion.Host.Samplers;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Measuring;

/// <summary>Draws samples from a model and measures them a batch at a time, so that memory does not grow with their number.</summary>
/// <remarks>They are rounded to bytes as image files would hold them; what is measured is what such files would give.</remarks>
/// <param name="samples">The model, and how many samples are drawn how.</param>
/// <param name="extractor">The feature network; not owned.</param>
internal sealed class SampledFeatures(OpenedPlace.Samples samples, FeatureExtractor extractor)
{
    /// <summary>Draws and measures all.</summary>
    /// <param name="wanted">What they are measured for.</param>
    /// <param name="display">Told how far it is.</param>
    /// <param name="stopping">Ends the work early, with an exception.</param>
    /// <exception cref="InputException">The model paints what no image can hold.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public MeasuredImages Run(WantedFeatures wanted, IProgressDisplay display, CancellationToken stopping)
    {
        var (sampler, count) = (samples.Sampling, samples.Wanted);
        using var activity = display.Begin(new($"sampling {samples.Name}", "network calls", 0, sampler.NetworkCallsFor(count)));
        using var pass = new FeaturePass(extractor, wanted, count);
        using var digest = new ImageDigest(sampler.Shape);
        var watch = new SamplingWatch
        {
            Progress = new SamplingTold(activity, 0, () =>
                string.Create(CultureInfo.InvariantCulture, $"{pass.Seen} of {count} samples measured")),
            Stopping = stopping,
        };
        // Cut where the evaluation of a run cuts all of its samples, so that both round alike.
        var rest = torch.empty([0, sampler.Shape.Channels, sampler.Shape.Height, sampler.Shape.Width], torch.ScalarType.Byte);
        try
        {
            foreach (var batch in sampler.Batches(count, watch))
            {
                using var scope = torch.NewDisposeScope();
                using var images = batch;
                var bytes = Bytes(images.Images);
                digest.Add(bytes);
                var all = torch.cat([rest, bytes]);
                var isLast = batch.First + batch.Count == sampler.Run.First + count;
                var whole = isLast ? all.shape[0] : all.shape[0] / extractor.BatchSize * extractor.BatchSize;
                Add(pass, all.narrow(0, 0, whole));
                rest.Dispose();
                rest = all.narrow(0, whole, all.shape[0] - whole).clone().DetachFromDisposeScope();
            }
        }
        finally
        {
            rest.Dispose();
        }
        return MeasuredImages.Of(pass.Complete(), digest.Sha256) with { Drawn = sampler.Drawn() };
    }

    private void Add(FeaturePass pass, torch.Tensor bytes)
    {
        for (var first = 0L; first < bytes.shape[0]; first += extractor.BatchSize)
        {
            using var piece = bytes.narrow(0, first, Min(extractor.BatchSize, bytes.shape[0] - first));
            pass.Add(piece);
        }
    }

    private torch.Tensor Bytes(torch.Tensor drawn)
    {
        try
        {
            return Pixels.ToBytes(drawn);
        }
        catch (NotFiniteNumberException diverged)
        {
            throw new InputException(samples.Name, diverged.Message.TrimEnd('.'), "samples that an image can hold", diverged);
        }
    }
}
