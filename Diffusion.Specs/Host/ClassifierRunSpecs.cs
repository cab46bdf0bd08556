using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;

namespace Diffusion.Specs.Host;

public sealed class ClassifierRunSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_classifiers_report_has_its_accuracy_at_several_noise_levels_in_place_of_samples()
    {
        var (code, answer, error) = Train("run", 4, "--json");
        Assert.True(code == ExitCode.Success, error);
        var table = ReportTable.Read(_place["run/report.csv"]);
        Assert.Equal(
            ["samples", "sampler", "nfe", "cross_entropy", "accuracy_t0", "accuracy_t200", "accuracy_t400", "accuracy_t600",
                "accuracy_t800", "provenance"],
            table.Columns.SkipWhile(column => column != "samples"));
        Assert.Equal([["0.0013", "2", "16", "", ""], ["0.0026", "4", "32", "", ""]],
            table.Under(["epoch", "step", "samples", "sampler", "nfe"]).Rows);
        Assert.All(table.Under(["accuracy_t0"]).Rows, row =>
            Assert.InRange(double.Parse(row[0], System.Globalization.CultureInfo.InvariantCulture), 0, 1));
        Assert.Equal(6, JsonNode.Parse(answer)!["scores"]!.AsObject().Count);
        Assert.True(File.Exists(_place["run/curves.png"]));
        Assert.Empty(Directory.GetFiles(_place["run"], "samples-*"));
    }

    [Fact]
    public void A_classifiers_run_that_is_resumed_ends_as_if_it_had_never_stopped()
    {
        Assert.Equal(ExitCode.Success, Train("straight", 4).Code);
        Assert.Equal(ExitCode.Success, Train("stopped", 2).Code);
        var (code, _, error) = Run("train", "--resume", _place["stopped"], "--steps", "4");
        Assert.True(code == ExitCode.Success, error);
        Assert.Equal(Files("straight"), Files("stopped"));
        Assert.Equal(["2", "4"], ReportTable.Read(_place["stopped/report.csv"]).Rows.Select(row => row[1]));
    }

    [Fact]
    public void A_classifier_of_other_classes_than_the_images_have_is_refused_in_one_line()
    {
        var (code, _, error) = Train("run", 2, "--set", "goal.classes=7");
        Assert.Equal(
            (ExitCode.Failure, "error: recipe: found a classifier of 7 classes; expected 10, as the images have\n"), (code, error));
        Assert.False(Directory.Exists(_place["run"]));
    }

    private IEnumerable<CheckpointFile> Files(string run) =>
        Checkpoint.Read(Path.Combine(_place[run], CheckpointStore.FolderName, "step-000000004")).Files;

    private (ExitCode Code, string Answer, string Error) Train(string run, int steps, params string[] options)
    {
        var recipe = Small.Classifier with
        {
            Goal = new Goal.Classify(10),
            Data = new() { Set = "mnist", Augmentation = Augmentation.None },
            Length = new() { Steps = 12, EvaluateEvery = new EvaluationInterval.Steps(2), Batch = 6 },
            Evaluation = new() { Samples = 16, FinalSamples = 32 },
        };
        File.WriteAllText(_place["recipe.json"], RecipeText.Write(recipe));
        return Run(["train", _place["recipe.json"], "--out", _place[run], "--steps", $"{steps}", .. options]);
    }

    private static (ExitCode Code, string Answer, string Error) Run(params string[] words)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = CommandLineApp.Run(
            [.. words, "--no-download", "--device", "cpu", "--threads", "1"], new(output, error, Display.Plain), CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
