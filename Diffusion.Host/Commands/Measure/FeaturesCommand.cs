using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Displays;
using Diffusion.Host.Downloads;
using Diffusion.Host.Measuring;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Trains a small feature network, as those that this program carries were trained.</summary>
    /// <param name="Network">Which.</param>
    /// <param name="Training">How.</param>
    /// <param name="Output">The file to write.</param>
    /// <param name="Options">Where the images are, and what to compute on.</param>
    public sealed record Features(SmallNetwork Network, FeatureTraining Training, string Output, MeasuringOptions Options) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var machine = Machine.Ready(session, DeviceChoice.Cpu, Options.Threads);
            using var client = Downloader.NewClient();
            var locator = new DataLocator(CacheFolder.Default, new(client, Patience.Default, new DownloadLines(session)));
            var request = new DataRequest(Network.TrainedOn, Options.Data, Options.Downloads);
            using var data = locator.Locate(request, session.Stopping).GetAwaiter().GetResult();
            session.Say(data.Line);
            session.Say($"{Network.Shape.Name} on {machine}");
            using var weights = ProgressDisplay.Show(session, (_, display) => Learn(data.Train, display, session.Stopping));
            var notes = Notes(data.Train.Provenance);
            OutputException.Guard(Output, () => weights.Save(Output, notes));
            // What is measured is what the file holds: its numbers are rounded.
            double? accuracy = data.Test is null ? null : Accuracy(data.Test, machine);
            if (accuracy is { } share)
            {
                notes["accuracy"] = string.Create(
                    CultureInfo.InvariantCulture, $"{100 * share:0.00} % of {data.Test!.Provenance.Count} test images");
                OutputException.Guard(Output, () => weights.Save(Output, notes));
            }
            session.Answer(
                $"{Output}: {Network.Shape.Name}, {notes.GetValueOrDefault("accuracy", "no test images to measure it by")}",
                new JsonObject { ["file"] = Output, ["network"] = Network.Shape.Name, ["accuracy"] = accuracy });
            return ExitCode.Success;
        }

        private NetworkWeights Learn(IImageSource images, IProgressDisplay display, CancellationToken stopping)
        {
            using var activity = display.Begin(new("training", "steps", 0, Training.Steps(images.Provenance.Count)));
            return Training.Run(Network.Shape, images, new ActivityProgress(activity), stopping);
        }

        private double Accuracy(IImageSource test, Machine machine)
        {
            using var network = FeatureExtractor.FromFile(Output, Network.Shape, Network.Images, machine.Device);
            return AccuracyMetric.Of(network, test);
        }

        // No path: the file may be published.
        private Dictionary<string, string> Notes(Provenance images) => new()
        {
            ["network"] = Network.Shape.Name,
            ["trained on"] = $"{images.Description.Name}, {Counted.Of(images.Count, "image")}, sha256 {images.Sha256}",
            ["epochs"] = Training.Epochs.ToString(CultureInfo.InvariantCulture),
        };

        private sealed class ActivityProgress(IActivity activity) : IProgress<FeatureTrainingProgress>
        {
            public void Report(FeatureTrainingProgress value) =>
                activity.Report(value.Step, () => string.Create(CultureInfo.InvariantCulture, $"loss {value.Loss:0.000}"));
        }
    }
}
