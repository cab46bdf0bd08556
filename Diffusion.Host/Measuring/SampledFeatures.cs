using System.Globalization;
using Diffusion.Host.Displays;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using TorchSharp;

namespace Diffusion.Host.Measuring;

/// <summary>Draws samples from a model and measures them a batch at a time, so that memory does not grow with their number.</summary>
/// <remarks>They are rounded to bytes as picture files would hold them; what is measured is what such files would give.</remarks>
/// <param name="samples">The model, and how many samples are drawn how.</param>
/// <param name="extractor">The feature network; not owned.</param>
internal sealed class SampledFeatures(OpenedPlace.Samples samples, FeatureExtractor extractor)
{
    /// <summary>Draws and measures all.</summary>
    /// <param name="wanted">What they are measured for.</param>
    /// <param name="display">Told how far it is.</param>
    /// <param name="stopping">Ends the work early, with an exception.</param>
    /// <exception cref="InputException">The model paints what no picture can hold.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public MeasuredPictures Run(WantedFeatures wanted, IProgressDisplay display, CancellationToken stopping)
    {
        var (run, count, calls) = (samples.Sampling.Run, samples.Wanted, 0L);
        var batches = (count + run.Batch - 1) / run.Batch;
        using var activity = display.Begin(new($"sampling {samples.Name}", "steps", 0, (long)batches * run.Plan.Steps.Count));
        using var pass = new FeaturePass(extractor, wanted, count);
        using var digest = new PictureDigest(samples.Sampling.Shape);
        while (pass.Seen < count)
        {
            using var scope = torch.NewDisposeScope();
            var drawn = samples.Sampling.DrawFrom(pass.Seen, Min(run.Batch, count - pass.Seen), _ =>
            {
                stopping.ThrowIfCancellationRequested();
                activity.Report(++calls, () => string.Create(CultureInfo.InvariantCulture, $"{pass.Seen} of {count} samples measured"));
            });
            var bytes = Bytes(drawn);
            digest.Add(bytes);
            Add(pass, bytes);
        }
        return MeasuredPictures.Of(pass.Complete(), digest.Sha256) with { Drawn = samples.Sampling.Drawn };
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
            throw new InputException(samples.Name, diverged.Message.TrimEnd('.'), "samples that a picture can hold", diverged);
        }
    }
}
