using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Experiments;
using Diffusion.Host.Pictures;
using Diffusion.Host.Plots;
using Diffusion.Host.Reports;
using Diffusion.Host.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Data;
using Diffusion.Model.Evaluation;
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
        public override ExitCode Run(Session session)
        {
            var machine = Machine.Ready(session, Options.Machine.Device, Options.Machine.Threads);
            using var model = TrainedModel.Open(Model, machine.Device, damage => session.Warn($"{damage}; the checkpoint before it is used"));
            var kind = Options.Kind;
            var sweep = new Sweep(model, kind.Variations(model, Options.Common), Options.Count);
            using var judge = Judge(model, machine.Device);
            var table = new SweepTable(Place("csv"));
            using var data = RunSetup.Pictures(model.Recipe.Data, Options.Machine, new DownloadLines(session), session.Stopping);
            var meter = new SweepMeter(judge, data, session.Stopping);
            OutputException.Guard(Folder, () => Directory.CreateDirectory(Folder));
            using var sheet = model.Classes is null ? null : kind.Sheet(data.Train.Provenance.Description.ClassNames);
            var rows = sweep.Run(session, meter, table, sheet);
            var real = meter.HeldOut(model.Classes);
            var title = string.Create(CultureInfo.InvariantCulture, $"{model.Recipe.Name}, {model.Updates} steps: {kind.Word}, {Options.Count} samples each");
            var figure = new ChartSheet(title, kind.Charts(rows, real)) { Notes = Notes(model, rows) };
            foreach (var ending in (string[])["png", "svg"])
                PlotFile.At(Place(ending)).Save(figure);
            if (sheet is not null)
                RunFolder.Write(Shown, stream => Png.Write(stream, sheet.Compose(title), [new("columns", sheet.Order), .. Notes(model, rows)]));
            Answer(session, rows, real, sheet is null ? [Place("csv"), Place("png"), Place("svg")] : [Place("csv"), Place("png"), Place("svg"), Shown]);
            return ExitCode.Success;
        }

        private string Folder => Options.Out ?? Model;

        private string Place(string ending) => Path.Combine(Folder, $"{Options.Kind.Word}.{ending}");

        private string Shown => Path.Combine(Folder, $"{Options.Kind.Word}-samples.png");

        private FeatureExtractor Judge(TrainedModel model, torch.Device device) => (model.Recipe.Data.Set, model.Shape) switch
        {
            ("mnist", (1, 28, 28)) => FeatureExtractor.LeNet(device),
            ("cifar10", (3, 32, 32)) => FeatureExtractor.CifarNet(device),
            _ => throw new InputException(Model, "a model of other pictures", "one of mnist or cifar10, which the networks of this program know"),
        };

        private static Sequence<Note> Notes(TrainedModel model, Sequence<SweptRow> rows) =>
        [
            new("recipe", model.Recipe.Name),
            new("step", model.Updates.ToString(CultureInfo.InvariantCulture)),
            new("samples", string.Join("; ", rows.Select(row => $"{row.Samples}, {row.Protocol.Drawn!.Guidance}"))),
        ];

        private static void Answer(Session session, Sequence<SweptRow> rows, Sequence<MeasuredValue> real, Sequence<string> files) => session.Answer(
            string.Join('\n', rows.Select(row => row.Line).Append(string.Join(", ", files))),
            new JsonObject
            {
                ["files"] = new JsonArray([.. files.Select(file => (JsonNode?)file)]),
                ["real"] = new JsonObject(real.Select(value => KeyValuePair.Create(value.Name, (JsonNode?)value.Value))),
                ["rows"] = new JsonArray([.. rows.Select(row => row.Json)]),
            });
    }
}
