using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Host.Downloads;
using Diffusion.Host.Models;
using Diffusion.Host.Options;
using Diffusion.Host.Sweeps;
using Diffusion.Host.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Host;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Experiments;

public sealed class SweepSpecs(SweepSpecs.SomeDigits digits) : IClassFixture<SweepSpecs.SomeDigits>, IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_sweep_over_guidance_leaves_a_table_that_compare_reads_a_figure_and_a_sheet()
    {
        Train(Small.Labelled with { Network = Small.Network with { Labels = new(10, NullLabel.Learned) },
            Evaluation = Small.Recipe.Evaluation with { Spacing = new Diffusion.Math.Spacings.TimestepSpacing.Leading(2) } });
        var (code, answer, error) = Run("guidance", "--w", "-1,0,3", "--count", "20", "--json");
        Assert.True(code == ExitCode.Success, error);
        var table = ReportTable.Read(_place["run/guidance.csv"]);
        Assert.Equal(
            [
                [$"{SomeDigits.Test}", "", "", ""], ["20", "-1", "0", "w = -1 (s = 0)"], ["20", "0", "1", "w = 0 (s = 1)"],
                ["20", "3", "4", "w = 3 (s = 4)"],
            ],
            table.Under(["n", "w", "s", "guidance"]).Rows);
        Assert.Equal([null, 0, 1, 4], JsonNode.Parse(answer)!["rows"]!.AsArray().Select(row => (double?)row!["guidance_scale"]));
        Assert.Equal([null, -1, 0, 3], JsonNode.Parse(answer)!["rows"]!.AsArray().Select(row => (double?)row!["guidance_w"]));
        Assert.All((string[])["fd_lenet", "fd_lenet_classes", "accuracy", "diversity", "precision_lenet", "recall_lenet", "coverage_lenet",
            "fd_lenet_9"], name => Assert.Contains(name, table.Columns));
        Assert.Equal([["3", $"{SomeDigits.Test}"], ["3", "20"], ["3", "20"], ["3", "20"]],
            table.Under(["nearest_k", "nearest_references"]).Rows);
        Assert.All(table.Under(["precision_lenet", "recall_lenet", "coverage_lenet"]).Rows[0], cell =>
            Assert.InRange(double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture), 0.8, 1));
        Assert.All((string[])["guidance.png", "guidance.svg", "guidance-samples.png"], file =>
            Assert.True(File.Exists(_place[$"run/{file}"]), file));
        Assert.InRange((double)JsonNode.Parse(answer)!["rows"]![0]!["measures"]!["accuracy"]!, 0.95, 1);
        Assert.Contains("20 samples, fewer images than features (84): the distance is far too large", error, StringComparison.Ordinal);
        // Several samplers and numbers of steps are methods of their own, each with its sheet.
        (code, answer, error) = Run("guidance", "--w", "0,3", "--count", "20", "--sampler", "ddim", "--steps", "2,3", "--json");
        Assert.True(code == ExitCode.Success, error);
        Assert.Equal([("ddim 2 steps", 0.0), ("ddim 2 steps", 3), ("ddim 3 steps", 0), ("ddim 3 steps", 3)],
            JsonNode.Parse(answer)!["rows"]!.AsArray().Skip(1).Select(row => ((string)row!["method"]!, (double)row["guidance_w"]!)));
        Assert.True(File.Exists(_place["run/guidance-ddim-3-steps-samples.png"]));
        var compared = Call("compare", _place["run/guidance.csv"]);
        Assert.True(compared.Code == ExitCode.Success, compared.Error);
        Assert.StartsWith("method", compared.Answer, StringComparison.Ordinal);
        Assert.DoesNotContain("fd_lenet_9", compared.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Samplers_are_compared_under_the_guidance_that_is_asked_for()
    {
        Train(Small.Labelled with { Network = Small.Network with { Labels = new(10, NullLabel.Learned) } });
        string[] words = ["samplers", "--sampler", "ddim", "--steps", "2", "--count", "20", "--json", "--out", _place["out"]];
        var own = Run([.. words, "--guidance", "0"]);
        Assert.True(own.Code == ExitCode.Success, own.Error);
        var strong = Run([.. words, "--guidance-scale", "31"]);
        Assert.Contains("0 of 1 row already measured", strong.Error, StringComparison.Ordinal);
        var rows = ReportTable.Read(_place["out/samplers.csv"]);
        var column = rows.Columns.Index().First(at => at.Item == "guidance").Index;
        Assert.Equal(["w = 0 (s = 1)", "w = 30 (s = 31)"], rows.Rows.Skip(1).Select(row => row[column]));
    }

    [Fact]
    public void A_sweep_goes_on_where_it_was_stopped()
    {
        Train(Small.Recipe);
        Assert.Equal(ExitCode.Success, Run("samplers", "--sampler", "ddim", "--steps", "2", "--count", "20").Code);
        var first = ReportTable.Read(_place["run/samplers.csv"]);
        var (code, answer, error) = Run("samplers", "--sampler", "ddim", "--sampler", "heun", "--steps", "2,3", "--count", "20", "--json");
        Assert.True(code == ExitCode.Success, error);
        Assert.Contains("1 of 4 rows already measured", error, StringComparison.Ordinal);
        var second = ReportTable.Read(_place["run/samplers.csv"]);
        Assert.Equal(first.Rows, second.Under(first.Columns).Rows.Take(2));
        Assert.Equal(5, second.Rows.Count);
        // Heun's method asks twice a step, but for the last: 2 n - 1 calls.
        Assert.Equal(["2", "3", "3", "5"], JsonNode.Parse(answer)!["rows"]!.AsArray().Skip(1).Select(row => row!["nfe"]!.ToString()));
        // Other samples are other rows.
        Assert.Contains("0 of 1 row already", Run("samplers", "--sampler", "ddim", "--steps", "2", "--count", "20", "--seed", "9").Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_one_line_before_anything_is_written()
    {
        Train(Small.Recipe);
        (string[] Words, string Reason)[] faults =
        [
            (["samplers", "--w", "0,2"], "--w: 2 values, but sweep samplers guides all samples alike"),
            (["samplers", "--guidance", "2"], "guidance: found w = 2 (s = 3); expected none: the model is unconditional"),
            (["samplers", "--steps", "2,x"], "--steps: 2,x is not numbers of steps such as 5,10,20"),
            (["guidance"], "guidance: found w = -1 (s = 0); expected none: the model is unconditional"),
            (["samplers", "--steps", "1001"], "1001 steps do not fit"),
            (["samplers", "--count", "19"], "--count: 19 is not a whole number from 20"),
        ];
        foreach (var (words, reason) in faults)
        {
            var (code, _, error) = Run(words);
            Assert.Equal(ExitCode.Failure, code);
            Assert.Contains(reason, error, StringComparison.Ordinal);
        }
        Assert.Equal([_place["run/checkpoint"]], Directory.EnumerateFileSystemEntries(_place["run"]));
        File.WriteAllText(_place["run/samplers.csv"], "epoch,loss\n1,2\n");
        Assert.Contains("samplers.csv: found no column method", Run("samplers").Error, StringComparison.Ordinal);
        Assert.Equal("epoch,loss\n1,2\n", File.ReadAllText(_place["run/samplers.csv"]));
    }

    // The column "strength" of the first held the guidance scale s = 1 + w.
    [Theory]
    [InlineData("sweep-guidance.csv")]
    [InlineData("sweep-guidance-scale.csv")]
    public void A_table_with_the_columns_of_before_is_read_and_goes_on(string former)
    {
        File.Copy(Path.Combine(Repository.Golden, "former", former), _place["guidance.csv"]);
        var rows = SweepTable.Read(_place["guidance.csv"]);
        Assert.Equal([null, new GuidanceScale(0, -1)], rows.Select(row => row.Guidance));
        Assert.DoesNotContain(rows.SelectMany(row => row.Values), value => value.Name == "strength");
        Assert.True(rows[1].IsAs(rows[1] with
        {
            Key = rows[1].Key.Select(field => field.Name == "samples"
                ? field with { Value = Regex.Replace(field.Value, @"(seed \d+) .* (\d+)$", "$1 ddpm-small $2") } : field).ToSequence(),
        }));
        var added = rows[1] with { Guidance = GuidanceScale.OfW(0.3), Key = [.. rows[1].Key.SkipLast(1), new("samples", "others")] };
        new SweepTable(_place["guidance.csv"]).Add(added);
        var table = ReportTable.Read(_place["guidance.csv"]);
        Assert.Equal(["method", "w", "s"], table.Columns.Take(3));
        Assert.Equal([["", ""], ["-1", "0"], ["0.3", "1.3"]], table.Under(["w", "s"]).Rows);
        Assert.Equal([.. rows, added], SweepTable.Read(_place["guidance.csv"]));
    }

    [Theory]
    [InlineData("mnist-cfg")]
    [InlineData("cifar10-cfg")]
    public void A_model_with_labels_is_trained_and_then_swept_by_one_command(string recipe)
    {
        var asked = Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse([recipe, "--steps", "3", "--out", "here"])).Command;
        var command = Assert.IsType<Command.GuidedTrain>(asked);
        Assert.Equal((recipe, 3, "here"), (command.Recipe, command.Options.Steps, command.Options.Out));
        Assert.Equal([-1, 0, 0.5, 1, 2, 3, 5, 8], SweepKind.Guidance.Usual.Strengths);
    }

    [Fact]
    public void One_command_trains_measures_and_goes_on_with_what_is_missing()
    {
        string[] options = ["--data", digits.Folder, "--device", "cpu", "--threads", "1"];
        string[] size = ["--steps", "2", "--batch", "2", "--set", "evaluation.finalSamples=20", "--set", "evaluation.gridImages=10",
            "--set", "evaluation.spacing.count=2", "--set", "precision=float32", "--set", $"network.levels=[{TrainingProcess.Level}]",
            "--set", "network.residual.groups=4"];
        var (code, answer, error) = Call(["mnist-cfg", "--out", _place["all"], "--json", .. size, .. options]);
        Assert.True(code == ExitCode.Success, error);
        string[] left = ["recipe.json", "report.csv", "guidance.csv", "guidance.png", "guidance.svg", "guidance-samples.png"];
        Assert.All(left, file => Assert.True(File.Exists(_place[$"all/{file}"]), file));
        var rows = JsonNode.Parse(answer)!["rows"]!.AsArray();
        Assert.Equal([SomeDigits.Test, .. Enumerable.Repeat(20, 8)], rows.Select(row => (int)row!["samples"]!));
        var table = File.ReadAllText(_place["all/guidance.csv"]);
        File.WriteAllText(_place["all/guidance.csv"], table[..(table.TrimEnd().LastIndexOf('\n') + 1)]);
        (code, _, error) = Call(["mnist-cfg", "--resume", _place["all"], .. options]);
        Assert.True(code == ExitCode.Success, error);
        Assert.Contains("7 of 8 rows already measured", error, StringComparison.Ordinal);
        Assert.Equal(table, File.ReadAllText(_place["all/guidance.csv"]));
    }

    // The full data set need not be here.
    [Fact]
    public void A_model_that_comes_with_the_program_is_compared_with_what_is_found_of_its_data_set()
    {
        var (error, options) = (new StringWriter(), new TrainOptions { Downloads = DownloadPolicy.Offline });
        var session = new Session(new(TextWriter.Null, error, Display.Plain), Verbosity.Normal, ResultForm.Text, default);
        var model = CarriedModels.FolderOf("digits");
        using var found = RunSetup.Located(Dataset.Mnist, options, session);
        using var taken = RunSetup.ImagesOf(model, RecipeFile.Read(Path.Combine(model, "recipe.json")), options, session);
        Assert.Equal(found.Train.Provenance, taken.Train.Provenance);
        Assert.Equal(found.Line, error.ToString().TrimEnd());
        // A run of one's own is compared with the images that it was trained on, and no others.
        var other = Small.Recipe with { Data = Small.Recipe.Data with { Set = "mnist", Sha256 = new('0', 64) } };
        Assert.Contains("which the recipe was made for", Assert.Throws<InputException>(
            () => RunSetup.ImagesOf(_place["run"], other, options, session)).Message, StringComparison.Ordinal);
    }

    private (ExitCode Code, string Answer, string Error) Run(string kind, params string[] options) =>
        Call(["sweep", kind, _place["run"], "--data", digits.Folder, "--device", "cpu", "--threads", "1", .. options]);

    private (ExitCode Code, string Answer, string Error) Run(string[] words) => Run(words[0], words[1..]);

    private static (ExitCode Code, string Answer, string Error) Call(params string[] words)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = CommandLineApp.Run(words, new(output, error, Display.Plain), CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }

    private void Train(Recipe recipe)
    {
        using var digits = Dataset.Mnist.Sample(Split.Test);
        using var run = new TrainingRun(
            recipe with { Data = recipe.Data with { Set = "mnist", Augmentation = Augmentation.None } }, digits, CPU);
        run.Advance();
        new CheckpointStore(Path.Combine(_place["run"], CheckpointStore.FolderName)).Save(run);
    }

    /// <summary>Real digits in the official files, few enough to be measured by every sweep.</summary>
    public sealed class SomeDigits : IDisposable
    {
        public const int Test = 400;
        private const int Train = 1500;

        private readonly TemporaryFolder _place = new();

        public SomeDigits()
        {
            foreach (var (split, count) in new[] { (Split.Train, Train), (Split.Test, Test) })
            {
                using var scope = NewDisposeScope();
                using var all = Dataset.Mnist.Sample(split);
                var (pixels, labels) = all.Select([.. Enumerable.Range(0, count)]);
                File.WriteAllBytes(_place[$"mnist/{IdxLayout.ImagesFile(split)}"],
                    OfficialFiles.Idx(2051, [count, 28, 28], [.. pixels.contiguous().bytes]));
                File.WriteAllBytes(_place[$"mnist/{IdxLayout.LabelsFile(split)}"],
                    OfficialFiles.Idx(2049, [count], [.. labels.to(uint8).bytes]));
            }
        }

        public string Folder => _place["mnist"];

        public void Dispose() => _place.Dispose();
    }
}
