using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Experiments;
using Diffusion.Host.Plots;
using Diffusion.Host.Reports;
using Diffusion.Host.Samplers;
using Diffusion.Host.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Data;
using Diffusion.Model.Evaluation;
using TorchSharp;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>An unconditional model of digits steered by a classifier at several scales: pictures, a table and a figure.</summary>
    /// <param name="Options">What was asked for.</param>
    public sealed record ClassifierGuided(GuidedOptions Options) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var others = Options.Beside.Select(GuidanceFigure.Read).ToList();
            var places = (Model: Options.Model ?? Trained(session, "mnist", "model"), Classifier: Options.Classifier ?? Trained(session, "mnist-classifier", "classifier"));
            var device = Machine.Ready(session, Options.Training.Device, Options.Training.Threads).Device;
            using var classifier = TrainedClassifier.Open(places.Classifier, device, damage => Damaged(session, damage));
            using var model = Open(session, places.Model, device);
            using var free = Options.Free is { } labelled ? Open(session, labelled, device) : null;
            var tries = new List<GuidedTry> { new("classifier guidance", model, Options.Scales.Select(scale => (scale, Steered(classifier, scale))).ToSequence()) };
            if (free is not null)
                tries.Add(new("classifier-free guidance", free, Options.Scales.Select(scale => (scale, Options.Settings with { Guidance = scale - 1 })).ToSequence()));
            // Refused before anything is drawn or written.
            foreach (var each in tries)
                each.RefuseUnlessPossible();
            using var data = RunSetup.Pictures(model.Recipe.Data, Options.Training, new DownloadLines(session), session.Stopping);
            OutputException.Guard(Options.Out, () => Directory.CreateDirectory(Options.Out));
            using var judge = FeatureExtractor.LeNet(device);
            var found = new GuidanceSweep(judge, LabelledFeatures.Of(judge, data.Train), data.Train.Provenance.Description.ClassNames)
                .Run(session, tries, Options.Count, data.Test, partial => partial.SaveTable(Options.Out));
            Answer(session, found.Save(Options.Out, others));
            return ExitCode.Success;
        }

        // s = 0 asks no classifier: the samples are the same, in less time.
        private SampleSettings Steered(TrainedClassifier classifier, double scale) =>
            Options.Settings with { Steering = scale == 0 ? null : new(classifier, scale, Options.Form) };

        private static TrainedModel Open(Session session, string place, torch.Device device)
        {
            var model = TrainedModel.Open(place, device, damage => Damaged(session, damage));
            if (model.Shape is (1, 28, 28))
                return model;
            model.Dispose();
            throw new InputException(place, "a model of other pictures", "one of digits of 28 x 28, which the network that judges them knows");
        }

        private static void Damaged(Session session, string damage) => session.Warn($"{damage}; the checkpoint before it is used");

        private string Trained(Session session, string recipe, string name)
        {
            var place = Path.Combine(Options.Out, name);
            session.Say($"{recipe} is trained first, in {place}");
            // Only the experiment answers.
            var training = session with { Terminal = session.Terminal with { Output = TextWriter.Null } };
            if (File.Exists(Path.Combine(place, "recipe.json")))
                new TrainingSession(training, Options.Training with { Resume = place }).Resume(place);
            else
                new TrainingSession(training, Options.Training with { Out = place }).Begin(new RecipeSource.BuiltIn(recipe));
            return place;
        }

        private void Answer(Session session, GuidanceFindings found) => session.Answer(
            string.Join('\n', found.Rows.Select(row => row.Line(found.Distance)).Append($"{Options.Out}: {string.Join(", ", found.Files)}")),
            new JsonObject
            {
                ["folder"] = Options.Out,
                ["files"] = new JsonArray([.. found.Files.Select(file => JsonValue.Create(file))]),
                ["rows"] = new JsonArray([.. found.Rows.Select(row => row.Json(found.Distance))]),
            });
    }
}
