using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Options;
using Diffusion.Host.Sweeps;
using Diffusion.Host.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;
using TorchSharp;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>An unconditional model of digits steered by a classifier at several scales: images, a table and a figure.</summary>
    /// <param name="Options">What was asked for.</param>
    public sealed record ClassifierGuided(GuidedOptions Options) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var others = Options.Beside.SelectMany(SweepTable.Read).ToSequence();
            var places = (Model: Options.Model ?? Trained(session, "mnist-ddpm", "model"),
                Classifier: Options.Classifier ?? Trained(session, "mnist-classifier", "classifier"));
            var device = Machine.Ready(session, Options.Training.Device, Options.Training.Threads).Device;
            using var classifier = TrainedClassifier.Open(places.Classifier, device, damage => Damaged(session, damage));
            using var model = Open(session, places.Model, device);
            using var free = Options.Free is { } labelled ? Open(session, labelled, device) : null;
            var kind = new SweepKind.Steering(Options.Scales, classifier, Options.Form) { Beside = free, Others = others };
            var sweep = new Sweep(kind, model, Options.Request, Options.Count, Options.Out);
            using var judge = FeatureExtractor.LeNet(device);
            using var data = RunSetup.Images(model.Recipe, Options.Training, session);
            sweep.Run(session, judge, data).Answer(session);
            return ExitCode.Success;
        }

        private static TrainedModel Open(Session session, string place, torch.Device device)
        {
            var model = TrainedModel.Open(place, device, damage => Damaged(session, damage));
            if (model.Shape == SmallNetwork.LeNet.Images)
                return model;
            model.Dispose();
            throw new InputException(place, "a model of other images", "a model of MNIST digits of 28 x 28");
        }

        private static void Damaged(Session session, string damage) => session.Warn(damage);

        private string Trained(Session session, string recipe, string name)
        {
            var place = Path.Combine(Options.Out, name);
            session.Say($"{recipe} is trained first, in {place}");
            // Only the experiment answers.
            var training = session with { Terminal = session.Terminal with { Output = TextWriter.Null } };
            var options = File.Exists(Path.Combine(place, RunFolder.RecipeName))
                ? Options.Training with { Resume = place }
                : Options.Training with { Out = place };
            new Train(new RecipeSource.BuiltIn(recipe), options with { Mode = RunMode.Part }).Run(training);
            return place;
        }
    }
}
