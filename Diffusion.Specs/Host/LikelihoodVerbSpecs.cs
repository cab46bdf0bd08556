using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Devices;
using Diffusion.Host.Downloads;
using Diffusion.Host.Measuring;
using Diffusion.Host.Options;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

public sealed class LikelihoodVerbSpecs : IDisposable
{
    private const string Quietly = "--no-download --device cpu --threads 1 --json";

    private static readonly Recipe Recipe = Small.Recipe with { Schedule = new NoiseSchedule.Cosine(9) };

    private readonly TemporaryFolder _folder = new();

    public LikelihoodVerbSpecs()
    {
        using var images = Small.Images();
        Npz.Write(_folder["squares.npz"], [("arr_0", NpyArray.Of(images.Images))]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_option_arrives()
    {
        const string Line = "likelihood a b:test --count 3 --levels 4 --variance large --seed 5 --batch 6 --csv r.csv --data d " +
            "--no-download --device cpu --threads 2";
        var command = Assert.IsType<Command.Likelihood>(
            Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse(Line.Split(' '))).Command);
        Assert.Equal(("a", ImagePlace.Parse("b:test"), "r.csv"), (command.Model, command.Images, command.Report));
        Assert.Equal(
            new() { Count = 3, Levels = 4, Variance = new Variance.Large(), Seed = 5, Batch = 6, Data = "d",
                Downloads = DownloadPolicy.Offline, Device = DeviceChoice.Cpu, Threads = 2 },
            command.Options);
        Assert.StartsWith(
            "--levels: ", Assert.IsType<ParsedLine.Refused>(CommandParser.Parse("likelihood a b --levels 1".Split(' '))).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_bound_carries_what_it_depends_on_and_the_batch_is_not_among_it()
    {
        Train(Recipe);
        var report = _folder["bounds.csv"];
        var (one, other) = (Run($"--batch 4 --csv {report}"), Run($"--batch 3 --csv {report}"));
        var (first, second) = (one["measures"]!, other["measures"]!);
        Assert.Equal((double)first["bits_per_dim"]!, (double)second["bits_per_dim"]!, 1e-4);
        Assert.Equal((double)first["bits_per_dim"]!, (double)first["decoder"]! + (double)first["chain"]! + (double)first["prior"]!, 1e-9);
        Assert.True((double)first["bits_per_dim_se"]! > 0);
        Assert.Equal(one["protocol"]!.ToJsonString(), other["protocol"]!.ToJsonString());
        using var images = Small.Images();
        var protocol = one["protocol"]!;
        Assert.Equal(
            (10, ImageHash.Of(images, default), "small", 2, EmaText.Of(Recipe.Ema[0]), "all 9", "large", "float32", 7),
            ((int)protocol["n"]!, (string?)protocol["pictures_sha256"], (string?)protocol["recipe"], (int)protocol["step"]!,
                (string?)protocol["ema"],
                (string?)protocol["levels"], (string?)protocol["variance"], (string?)protocol["precision"], (int)protocol["seed"]!));
        var table = ReportTable.Read(report);
        Assert.Equal(2, table.Rows.Count);
        Assert.Contains("bits_per_dim", table.Columns);
    }

    [Fact]
    public void An_estimate_says_that_it_is_one_and_one_image_has_no_standard_error()
    {
        Train(Recipe);
        var result = Run("--levels 4 --count 1 --variance small --seed 8");
        Assert.StartsWith(
            "4 of 9; the chain's sum is an unbiased estimate, 8/3 times", (string)result["protocol"]!["levels"]!, StringComparison.Ordinal);
        Assert.Equal(
            ("small", 8, 1), ((string?)result["protocol"]!["variance"], (int)result["protocol"]!["seed"]!, (int)result["protocol"]!["n"]!));
        Assert.Null(result["measures"]!["bits_per_dim_se"]);
        Assert.Contains("± unknown", Call($"likelihood {_folder["run"]} {_folder["squares.npz"]} --count 1 --threads 1").Item2);
    }

    [Fact]
    public void What_has_no_such_bound_is_refused_in_one_line()
    {
        Train(Recipe);
        Npz.Write(_folder["colour.npz"], [("arr_0", NpyArray.Of(zeros(2, 3, 8, 8, ScalarType.Byte)))]);
        Npz.Write(_folder["large.npz"], [("arr_0", NpyArray.Of(zeros(2, 1, 9, 8, ScalarType.Byte)))]);
        Assert.Contains("as the model makes", Refusal(_folder["colour.npz"]));
        Assert.Contains("as the model makes", Refusal(_folder["large.npz"]));
        Assert.Contains("a trained model; expected images", Refusal(_folder["run"]));
        Assert.Contains("--levels: found 10; expected no more than the 9", Refusal($"{_folder["squares.npz"]} --levels 10"));
        Assert.Contains(
            "--count: found 11; expected no more than the 10", Refusal($"{_folder["squares.npz"]} --count 11 --csv {_folder["none.csv"]}"));
        Assert.False(File.Exists(_folder["none.csv"]));

        Train(Small.Classifier);
        Assert.Contains("a classifier", Refusal(_folder["squares.npz"]));
        Train(Recipe with { Schedule = new NoiseSchedule.Edm(), Prediction = new Prediction.Preconditioned() });
        Assert.Contains("a continuous noise schedule; expected a chain of T steps", Refusal(_folder["squares.npz"]));
        Train(Recipe with { Schedule = new NoiseSchedule.ZeroTerminalSnr(new NoiseSchedule.Cosine(9)) });
        Assert.Contains("says nothing about the data", Refusal(_folder["squares.npz"]));
    }

    // One run after the other in the same folder.
    private void Train(Recipe recipe)
    {
        if (Directory.Exists(_folder["run"]))
            Directory.Delete(_folder["run"], recursive: true);
        using var images = Small.Images();
        using var run = new TrainingRun(recipe with { Data = recipe.Data with { Set = "folder", Size = 8 } }, images, CPU);
        if (recipe.Schedule is not NoiseSchedule.ZeroTerminalSnr)
            for (var step = 0; step < 2; step++)
                run.Advance();
        new CheckpointStore(Path.Combine(_folder["run"], CheckpointStore.FolderName)).Save(run);
    }

    private JsonNode Run(string options)
    {
        var (code, output, error) = Call($"likelihood {_folder["run"]} {_folder["squares.npz"]} {options} {Quietly}");
        Assert.True(code == ExitCode.Success, error);
        return JsonNode.Parse(output.TrimEnd().Split('\n')[^1])!;
    }

    private string Refusal(string rest)
    {
        var line = $"likelihood {_folder["run"]} {rest} {Quietly}";
        var (code, output, error) = Call(line);
        Assert.Equal(ExitCode.Failure, code);
        var refusal = Assert.Single(
            error.Split('\n', StringSplitOptions.RemoveEmptyEntries), text => text.StartsWith("error: ", StringComparison.Ordinal));
        // A script reads the same on standard output, and no more.
        Assert.Equal(line.Contains("--json", StringComparison.Ordinal) ? refusal : "",
            output.Length == 0 ? "" : $"error: {JsonNode.Parse(output)!["error"]}");
        return refusal;
    }

    private static (ExitCode, string, string) Call(string line)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        return (CommandLineApp.Run(line.Split(' '), new(output, error, Display.Plain), CancellationToken.None), output.ToString(),
            error.ToString());
    }
}
