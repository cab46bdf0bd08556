using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

public sealed class RunMeasuringSpecs : IDisposable
{
    private const int Count = 11;
    private const string Quietly = "--features lenet --allow-small --no-download --device cpu --threads 1 --json";

    // The same images, folded in batches of another size.
    private const double FoldTolerance = 1e-9;

    // Batches of another size may round a pixel the other way.
    private const double BatchTolerance = 1e-3;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Samples_are_drawn_and_measured_batch_by_batch_as_files_of_them_would_be()
    {
        Train(Small.Recipe, 3);
        using var model = TrainedModel.Open(_folder["run"], CPU, _ => Assert.Fail());
        var plan = new Sampler.Ddim(0, new Clipping.Clip(), NoiseDirection.Rederived)
            .Plan(model.Recipe.Schedule, new TimestepSpacing.Leading(2));
        var ddim = new Sampler.Ddim(0, new Clipping.Clip(), NoiseDirection.Rederived);
        using var sampling = new ModelSampler(model, new() { Sampler = ddim, Steps = 2, Seed = 5, Size = new(28, 28), Batch = 4 });
        using (var samples = sampling.Draw(Count))
        using (var bytes = Pixels.ToBytes(samples))
            Npz.Write(_folder["samples.npz"], [("arr_0", NpyArray.Of(bytes))]);

        var filed = Run($"fid mnist:test {_folder["samples.npz"]} {Quietly}");
        var drawn = Run($"fid mnist:test {_folder["run"]} --sampler ddim --steps 2 --seed 5 --side 28 --batch 4 --count {Count} --csv " +
            $"{_folder["rows.csv"]} {Quietly}");
        Assert.Equal((string?)filed["samples_sha256"], (string?)drawn["samples_sha256"]);
        Assert.InRange(Distance(drawn) / Distance(filed), 1 - FoldTolerance, 1 + FoldTolerance);
        var protocol = drawn["protocol"]!;
        Assert.Equal(
            (Count, EmaText.Of(model.Recipe.Ema[0]), PlanHash.Of(plan), 2, "none"),
            ((int)protocol["n"]!, (string?)protocol["ema"], (string?)protocol["plan_sha256"], (int)protocol["nfe"]!,
                (string?)protocol["guidance"]));
        Assert.Equal("""{"recipe":"small","step":3,"sampler":"ddim 2","seed":5}""", drawn["drawn"]!.ToJsonString());
        var table = ReportTable.Read(_folder["rows.csv"]);
        Assert.Equal(["small", "3", "ddim 2", "5"], table.Columns.Zip(table.Rows[0])
            .Where(cell => cell.First is "recipe" or "step" or "sampler" or "seed").Select(cell => cell.Second));

        var otherwise = Run($"fid mnist:test {_folder["run"]} --sampler ddim --steps 2 --seed 5 --side 28 --batch 3 --count " +
            $"{Count} --csv {_folder["rows.csv"]} {Quietly}");
        Assert.InRange(Distance(otherwise) / Distance(drawn), 1 - BatchTolerance, 1 + BatchTolerance);
        Assert.Equal(2, Run($"compare {_folder["rows.csv"]} --json")["rows"]!.AsArray().Count);
    }

    [Fact]
    public void Statistics_of_samples_remember_how_they_were_drawn()
    {
        Train(Small.Labelled, 1);
        const string options = "--sampler ddim --steps 2 --guidance 3 --side 28 --count 6";
        var direct = Run($"fid mnist:test {_folder["run"]} {options} {Quietly}");
        Run($"stats {_folder["run"]} --out {_folder["samples.npz"]} {options} " +
            $"{Quietly.Replace("--allow-small ", "", StringComparison.Ordinal)}");
        var filed = Run($"fid mnist:test {_folder["samples.npz"]} {Quietly}");
        Assert.Equal("w = 3 (s = 4)", (string?)direct["protocol"]!["guidance"]);
        Assert.Equal(direct["protocol"]!.ToJsonString(), filed["protocol"]!.ToJsonString());
        Assert.Equal(Distance(direct), Distance(filed), 1e-9);
    }

    [Fact]
    public void Options_about_samples_need_a_run_and_fit_it()
    {
        Train(Small.Recipe, 1);
        Assert.Equal("error: --steps: found no run among the images; expected a run folder or a checkpoint, to draw samples from",
            Refusal($"fid mnist:test mnist:test --steps 5 {Quietly}"));
        Assert.StartsWith(
            "error: guidance: found w = 3 (s = 4); expected none",
            Refusal($"fid mnist:test {_folder["run"]} --guidance 3 --side 28 {Quietly}"), StringComparison.Ordinal);
        Assert.Contains(
            "found 11 images; expected at least 84", Refusal(
                $"fid mnist:test {_folder["run"]} --count 11 --side 28 {Quietly.Replace("--allow-small ", "", StringComparison.Ordinal)}"),
            StringComparison.Ordinal);
    }

    private static double Distance(JsonNode result) => (double)result["measures"]!["fd_lenet"]!;

    private void Train(Recipe recipe, int steps)
    {
        using var images = Small.Images();
        using var run = new TrainingRun(recipe with { Data = recipe.Data with { Set = "folder", Size = 8 } }, images, CPU);
        for (var step = 0; step < steps; step++)
            run.Advance();
        new CheckpointStore(Path.Combine(_folder["run"], CheckpointStore.FolderName)).Save(run);
    }

    private static JsonNode Run(string line)
    {
        var (code, output, error) = Call(line);
        Assert.True(code == ExitCode.Success, error);
        return JsonNode.Parse(output.TrimEnd().Split('\n')[^1])!;
    }

    private static string Refusal(string line)
    {
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
