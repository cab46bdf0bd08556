using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Models;
using Diffusion.Host.Sweeps;
using Diffusion.Host.Training;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;
using TorchSharp;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Samples a trained model in several ways and measures each: a table and a figure.</summary>
    /// <param name="Model">The run folder, or a checkpoint.</param>
    /// <param name="Options">What was asked for besides.</param>
    public sealed record Sweeping(string Model, SweepOptions Options) : Command
    {
        /// <inheritdoc/>
        internal override bool IsShared => true;

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var device = Machine.Ready(session, Options.Machine.Device, Options.Machine.Threads).Device;
            using var model = TrainedModel.Open(Model, device, session.Warn);
            using var sweep = new Sweep(
                Options.Kind, model, Options.Common, Options.Count, Options.Out ?? CarriedModels.ResultsOf(Model), Options.Metrics)
            {
                Scale = Options.Scale,
            };
            using var extractor = FeatureNetwork(model, device);
            var place = DataPlace.Find(Model, Options.Machine.Data, session.Say);
            using var data = RunSetup.ImagesOf(
                Model, model.Recipe, ImageOptions.Remembered(Model, Options.Machine with { Data = place }), session);
            sweep.Run(session, extractor, data).Answer(session);
            return ExitCode.Success;
        }

        private FeatureExtractor FeatureNetwork(TrainedModel model, torch.Device device) => SmallNetwork.For(model.Shape) is { } network
            ? FeatureExtractor.Small(network, device, OverWhitePreparation.For(model.Shape))
            : throw new InputException(Model, "a model of other images",
                $"one of {string.Join(" or ", SmallNetwork.All.Select(known => known.Images))}, for which there is a " +
                    "built-in feature network");
    }
}
