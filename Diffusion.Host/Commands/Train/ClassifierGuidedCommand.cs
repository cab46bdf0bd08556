using System.Text.Json.Nodes;
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
        private const string ModelRecipe = "mnist-ddpm";
        private const string ClassifierRecipe = "mnist-classifier";

        // Of the time for everything, as long as each usually takes; what is there already leaves its part to the other.
        private const double ShareOfModel = 0.5;
        private const double ShareOfClassifier = 0.25;

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            if (Options.Training.Mode == RunMode.Dry)
                return DryAnswer(session);
            var others = Options.Beside.SelectMany(SweepTable.Read).ToSequence();
            var places = (Model: Options.Model ?? Trained(session, ModelRecipe, "model"),
                Classifier: Options.Classifier ?? Trained(session, ClassifierRecipe, "classifier"));
            var device = Machine.Ready(session, Options.Training.Device, Options.Training.Threads).Device;
            using var classifier = TrainedClassifier.Open(places.Classifier, device, damage => Damaged(session, damage));
            using var model = Open(session, places.Model, device);
            using var free = Options.Free is { } labelled ? Open(session, labelled, device) : null;
            var kind = new SweepKind.Steering(Options.Scales, classifier, Options.Form) { Beside = free, Others = others };
            using var sweep = new Sweep(kind, model, Options.Request, Options.Count, Options.Out);
            using var extractor = FeatureExtractor.LeNet(device);
            using var data = RunSetup.ImagesOf(places.Model, model.Recipe, Options.Training, session);
            sweep.Run(session, extractor, data).Answer(session);
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

        // What would be trained, one after the other, in a single answer.
        private ExitCode DryAnswer(Session session)
        {
            var (texts, json) = (new List<string>(), new JsonObject());
            foreach (var (name, recipe) in Missing)
            {
                var (output, form) = (new StringWriter { NewLine = "\n" }, session.Form);
                new Train(new RecipeSource.BuiltIn(recipe), TrainingOf(recipe) with { Mode = RunMode.Dry })
                    .Run(session with { Terminal = session.Terminal with { Output = output } });
                texts.Add(output.ToString().TrimEnd());
                json[name] = form == ResultForm.Json ? JsonNode.Parse(output.ToString()) : null;
            }
            session.Answer(string.Join("\n\n", texts), json);
            return ExitCode.Success;
        }

        private IEnumerable<(string Name, string Recipe)> Missing =>
        [
            .. Options.Model is null ? [("model", ModelRecipe)] : Array.Empty<(string, string)>(),
            .. Options.Classifier is null ? [("classifier", ClassifierRecipe)] : Array.Empty<(string, string)>(),
        ];

        // A classifier draws no samples.
        private TrainOptions TrainingOf(string recipe) => Options.Training with
        {
            Changes = recipe == ModelRecipe ? Options.Training.Changes : [],
            Time = Options.Training.Time * (Missing.Count() == 1 ? ShareOfModel + ShareOfClassifier
                : recipe == ModelRecipe ? ShareOfModel : ShareOfClassifier),
        };

        private string Trained(Session session, string recipe, string name)
        {
            var place = Path.Combine(Options.Out, name);
            session.Say($"{recipe} is trained first, in {place}");
            // Only the experiment answers.
            var training = session with { Terminal = session.Terminal with { Output = TextWriter.Null } };
            // A run that was begun has its length.
            var options = File.Exists(Path.Combine(place, RunFolder.RecipeName))
                ? Options.Training with { Resume = place, Time = null, Changes = [] }
                : TrainingOf(recipe) with { Out = place };
            new Train(new RecipeSource.BuiltIn(recipe), options with { Mode = RunMode.Part, GoOn = session.CommandLine })
                .Run(training);
            return place;
        }
    }
}
