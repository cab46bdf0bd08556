using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.PlanFiles;
using Diffusion.Math.Plans;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

public sealed class SearchVerbSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public SearchVerbSpecs()
    {
        using var images = Small.Images();
        using var run = new TrainingRun(Small.Labelled with { Data = Small.Recipe.Data with { Set = "folder", Size = 8 } }, images, CPU);
        run.Advance();
        new CheckpointStore(_place["run/checkpoint"]).Save(run);
    }

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_plan_is_found_kept_with_the_run_with_its_origin_and_sampled_by()
    {
        var rows = JsonNode.Parse(
            Succeeds("search", _place["run"], "--calls", "2,3", "--count", "3", "--trials", "6", "--batch", "2", "--json"))!;
        foreach (var (row, calls) in rows["plans"]!.AsArray().Zip((int[])[2, 3]))
        {
            var plan = PlanPlace.Read(_place[$"run/plans/run-{calls}.json"]);
            Assert.Equal((PlanHash.Of(plan.Plan), calls), ((string?)row!["hash"], plan.Plan.NetworkCalls));
            Assert.Equal(("small, step 1", 3, "unipc, usual levels"), (plan.Found!.Model, plan.Found.Count, plan.Found.Start));
            Assert.Matches("^[0-9a-f]{64}$", plan.Found.WeightsSha256);
            Assert.InRange(plan.Found.Trials, 3, 9);
            Assert.InRange(plan.Found.After, 0, plan.Found.Before);
            Assert.Equal(((double)row["after"]!, (double)row["unseen_after"]!), (plan.Found.After, plan.Found.UnseenAfter));
            Succeeds("sample", _place["run"], "--plan", $"{calls}", "--count", "2", "-o", _place["sheet.png"]);
        }
    }

    [Fact]
    public void The_batch_changes_nothing_but_the_seed_does()
    {
        double Found(string file, params string[] options)
        {
            Succeeds(["search", _place["run"], "--calls", "3", "--count", "4", "--trials", "4", "-o", _place[file], .. options]);
            return PlanPlace.Read(_place[file]).Found!.Before;
        }
        var before = Found("a.json");
        Assert.Equal(before, Found("b.json", "--batch", "3"), 1e-4);
        Assert.NotEqual(before, Found("c.json", "--seed", "5"));
        // What is asked of the model is what it was trained on.
        Assert.Null(PlanFit.MismatchOf(PlanPlace.Read(_place["a.json"]).Plan, Small.Recipe.Schedule));
    }

    [Theory]
    [InlineData("--sampler heun", "search: found heun does not ask the network once in each of 10 steps")]
    [InlineData("--sampler ddpm", "search: found ancestral adds noise")]
    [InlineData("--calls 5000", "5000 steps do not fit a schedule of")]
    [InlineData("--calls 2,3 -o a.json", "--out: several plans require a folder")]
    [InlineData("--calls 0", "--calls: 0 is not")]
    public void What_cannot_be_searched_for_is_one_line(string options, string reason)
    {
        var (code, _, error) = Call(["search", _place["run"], .. options.Split(' ')]);
        Assert.NotEqual(ExitCode.Success, code);
        Assert.Contains(reason, error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.False(Directory.Exists(_place["run/plans"]));
    }

    [Fact]
    public void A_search_that_is_stopped_or_refused_leaves_no_folder()
    {
        var folder = Path.Combine(_place.Path, "found");
        var stopped = CommandLineApp.Run(["search", _place["run"], "--calls", "2", "-o", $"{folder}/", "--device", "cpu", "--threads", "1"],
            new(TextWriter.Null, TextWriter.Null, Display.Plain), new CancellationToken(canceled: true));
        Assert.Equal(ExitCode.Interrupted, stopped);
        Assert.False(Directory.Exists(folder));
        File.WriteAllText(_place["file"], "");
        Assert.Contains("is a file", Call(["search", _place["run"], "-o", $"{_place["file"]}/below/"]).Error, StringComparison.Ordinal);
    }

    private static string Succeeds(params string[] words)
    {
        var (code, output, error) = Call(words);
        Assert.True(code == ExitCode.Success, error);
        return output;
    }

    private static (ExitCode Code, string Output, string Error) Call(string[] words)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = CommandLineApp.Run(
            [.. words, "--device", "cpu", "--threads", "1"], new(output, error, Display.Plain), CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
