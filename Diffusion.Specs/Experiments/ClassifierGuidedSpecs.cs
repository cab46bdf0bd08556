using System.Text;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Host.Options;
using Diffusion.Host.Sweeps;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Experiments;

public sealed class ClassifierGuidedSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("--dry-run --minutes 4 --samples 8", null)]
    [InlineData("--minutes 4 --model a --classifier b", "--minutes: is about training; there is nothing to train beside --model and")]
    [InlineData("--samples 4 --model a", "--samples: is about training the model; omit --model")]
    public void Trainings_are_shortened_and_described_as_others_are(string options, string? fault)
    {
        var parsed = CommandParser.Parse(["mnist-classifier-guided", .. options.Split(' ')]);
        if (fault is not null)
        {
            Assert.StartsWith(fault, Assert.IsType<ParsedLine.Refused>(parsed).Reason, StringComparison.Ordinal);
            return;
        }
        var training = Assert.IsType<Command.ClassifierGuided>(Assert.IsType<ParsedLine.Accepted>(parsed).Command).Options.Training;
        Assert.Equal((RunMode.Dry, TimeSpan.FromMinutes(4)), (training.Mode, training.Time));
        Assert.Contains(new RecipeChange("evaluation.samples", "8"), training.Changes);
    }

    [Fact]
    public void The_experiment_leaves_a_sheet_a_table_and_a_figure()
    {
        Train(Small.Recipe, "model");
        Train(Small.Classifier with { Goal = new Goal.Classify(10) }, "classifier");
        var (code, answer, error) = Run("--scales", "0,2", "--count", "20", "--sampler", "ddpm", "--steps", "2", "--json");
        Assert.True(code == ExitCode.Success, error);
        var table = ReportTable.Read(_place["out/guidance.csv"]);
        Assert.Equal(
            [["real images, held out", "", "1000"], ["classifier guidance", "0", "20"], ["classifier guidance", "2", "20"]],
            table.Under(["method", "s", "n"]).Rows);
        Assert.Contains("fd_lenet_9", table.Columns);
        Assert.Equal([["", "lenet"], ["none", "lenet"], ["classifier s = 2", "lenet"]], table.Under(["guidance", "extractor"]).Rows);
        var samples = table.Under(["samples"]).Rows[2][0];
        Assert.All(["classifier small-classifier", "classifier guidance s = 2", "classifier form mean shift"], part =>
            Assert.Contains(part, samples, StringComparison.Ordinal));
        Assert.Contains("columns\0s = 0, s = 2", Encoding.Latin1.GetString(File.ReadAllBytes(_place["out/classifier-guidance.png"])),
            StringComparison.Ordinal);
        Assert.True(File.Exists(_place["out/guidance.png"]));
        var rows = JsonNode.Parse(answer)!["rows"]!.AsArray();
        Assert.Equal(3, rows.Count);
        Assert.InRange((double)rows[0]!["measures"]!["accuracy"]!, 0.95, 1);

        Train(Small.Labelled with { Network = Small.Network with { Labels = new(10, NullLabel.Learned) } }, "labelled");
        (code, _, error) = Run(
            "--scales", "1", "--count", "20", "--steps", "2", "--free", _place["labelled"], "--beside", _place["out/guidance.csv"]);
        Assert.True(code == ExitCode.Success, error);
        Assert.Contains("0 of 2 rows already measured", error, StringComparison.Ordinal);
        Assert.Equal(
            ["real images, held out", "classifier guidance", "classifier guidance", "classifier guidance", "classifier-free guidance"],
            ReportTable.Read(_place["out/guidance.csv"]).Under(["method"]).Rows.Select(row => row[0]));
        Assert.True(File.Exists(_place["out/classifier-free-guidance.png"]));
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_one_line_before_anything_is_written()
    {
        Train(Small.Recipe, "model");
        Train(Small.Classifier with { Goal = new Goal.Classify(10) }, "classifier");
        (string[] Options, string Reason)[] faults =
        [
            (["--scales", "1,x"], "--scales: 1,x is not scales such as 0,1,3,10"),
            (["--count", "19"], "--count: 19 is not a whole number from 20"),
            (["--beside", _place["none.csv"]], "none.csv: found no such file or folder"),
            (["--classifier", _place["model"]], "model: found a model that makes images"),
        ];
        foreach (var (options, reason) in faults)
        {
            var (code, _, error) = Run(options);
            Assert.Equal(ExitCode.Failure, code);
            Assert.Contains(reason, error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_place["out"]));
        }
    }

    [Fact]
    public void A_sheet_has_a_row_for_each_class_and_a_block_for_each_strength()
    {
        // So wide that the title is not what the sheet's width comes from.
        const int wide = 40;
        using var sheet = new DigitSheet(["a", "b"], 2);
        // Samples of the classes a, b, a, b, a, b, each of one shade.
        using var samples = Number.Range(0, 6, float32, CPU).Over(5).Times(2).Minus(1).view(6, 1, 1, 1).expand(6, 1, 2, wide).contiguous();
        sheet.Add("s = 0", samples);
        sheet.Add("s = 3", -samples);
        var image = sheet.Compose("t");
        // Of a block: the pixels of an image, one of white, those of an image, each twice as large; 6 around blocks.
        const int block = 2 * (2 * wide + 1);
        const int gap = 6;
        byte Shade(int row, int column, int pixel) =>
            image.Row(image.Height - (2 - row) * (4 + gap))[3 * (image.Width - (2 - column) * (block + gap) + 2 * pixel)];
        Assert.Equal([0, 255, 102], new[] { 0, wide, wide + 1 }.Select(pixel => (int)Shade(0, 0, pixel)));
        Assert.Equal([255, 255, 153], new[] { 0, wide, wide + 1 }.Select(pixel => (int)Shade(0, 1, pixel)));
        Assert.Equal([51, 255, 153], new[] { 0, wide, wide + 1 }.Select(pixel => (int)Shade(1, 0, pixel)));
        Assert.Equal([204, 255, 102], new[] { 0, wide, wide + 1 }.Select(pixel => (int)Shade(1, 1, pixel)));
        Assert.Equal("s = 0, s = 3", sheet.Order);
    }

    private (ExitCode Code, string Answer, string Error) Run(params string[] options)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        string[] words = ["mnist-classifier-guided", "--model", _place["model"], "--no-download", "--device", "cpu", "--threads", "1",
            "--out", _place["out"]];
        var classifier = options.Contains("--classifier") ? Array.Empty<string>() : ["--classifier", _place["classifier"]];
        return (CommandLineApp.Run([.. words, .. classifier, .. options], new(output, error, Display.Plain), CancellationToken.None),
            output.ToString(), error.ToString());
    }

    private void Train(Recipe recipe, string name)
    {
        using var digits = Dataset.Mnist.Sample(Split.Test);
        using var run = new TrainingRun(
            recipe with { Data = recipe.Data with { Set = "mnist", Augmentation = Augmentation.None } }, digits, CPU);
        run.Advance();
        new CheckpointStore(Path.Combine(_place[name], CheckpointStore.FolderName)).Save(run);
    }
}
