using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Displays;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Distributed;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Likelihood;
using TorchSharp;

namespace Diffusion.Host.Measuring;

/// <summary>Measures the variational bound of real images under a trained model.</summary>
/// <param name="session">Who is talked to.</param>
/// <param name="options">What was asked for.</param>
internal sealed class LikelihoodSession(Session session, LikelihoodOptions options)
{
    /// <summary>Measures.</summary>
    /// <param name="run">The run folder, or a checkpoint.</param>
    /// <param name="place">Where the images are.</param>
    /// <exception cref="InputException">There is no such model, or it has no such bound, or there are no such images.</exception>
    public LikelihoodFindings Measure(string run, ImagePlace place)
    {
        var machine = Machine.Ready(session, options.Device, options.Threads);
        using var model = TrainedModel.Open(run, machine.Device, session.Warn);
        var channels = ChannelKinds.Of(model.Recipe.Network.InputChannels);
        using var opened = new PlaceOpener(
            session, new() { Data = options.Data, Downloads = options.Downloads, Channels = channels }, torch.CPU)
            .Open(place, ImageSizes.One);
        if (opened is not EvaluationInput.OfOneSize images)
            throw new InputException(place.Word, opened is EvaluationInput.OfModel ? "a trained model" : "statistics of images", "images");
        var setup = LikelihoodSetup.Of(run, model, images, options);
        var total = images.Source.Provenance.Count;
        if (options.Count > total)
            throw new InputException("--count", string.Create(CultureInfo.InvariantCulture, $"{options.Count}"),
                $"no more than the {Counted.Of(total, "image")} of {images.Name}");
        session.Say($"variational bound, {setup.Measurement.Times.Evaluated} NFE per image, on {machine}");
        try
        {
            return ProgressDisplay.Show(session, (_, display) => Measure(setup, images, options.Count ?? total, display));
        }
        catch (ArgumentException mismatch)
        {
            throw new InputException(
                run, Sentence.Of(mismatch), "a model whose output says something about the image at every level", mismatch);
        }
    }

    private LikelihoodFindings Measure(LikelihoodSetup setup, EvaluationInput.OfOneSize images, int count, IProgressDisplay display)
    {
        var (batch, calls, bounds) = (options.Batch ?? setup.Model.Recipe.Evaluation.Batch, 0L, new List<ImageBound>());
        var batches = (count + batch - 1) / batch;
        using var activity = display.Begin(
            new($"measuring {images.Name}", "network calls", 0, (long)batches * setup.Measurement.Times.Evaluated));
        using var digest = new ImageDigest(images.Source.Provenance.Shape);
        var rounds = new SharedBounds(World.Current);
        for (var first = 0; first < count; first += batch)
        {
            using var scope = torch.NewDisposeScope();
            int[] numbers = [.. Enumerable.Range(first, Min(batch, count - first))];
            var (bytes, labels) = images.Source.Select(numbers);
            digest.Add(bytes);
            bounds.AddRange(rounds.Add(numbers.Length, count - first - numbers.Length, () => setup.Measurement.Measure(
                setup.Model.Network, bytes, setup.TellsLabels ? labels : null, numbers, () =>
                {
                    session.Stopping.ThrowIfCancellationRequested();
                    calls = Min(calls + World.Current.Size, (long)batches * setup.Measurement.Times.Evaluated);
                    activity.Report(calls, () => FormattableString.Invariant($"{bounds.Count} of {Counted.Of(count, "image")} measured"));
                })));
        }
        return new(bounds.ToSequence(),
        [
            ("images", images.Name), ("pictures_sha256", digest.Sha256), ("n", count.ToString(CultureInfo.InvariantCulture)),
            .. setup.Facts,
        ]);
    }
}
