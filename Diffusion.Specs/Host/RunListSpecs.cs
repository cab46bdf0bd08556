using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

public sealed class RunListSpecs : IDisposable
{
    private static readonly string Former = Path.Combine(Repository.Golden, "former", "run-v1");
    private static readonly string Results = Path.Combine(Repository.Root, "docs", "results", "mnist");

    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Runs_are_listed_by_time_with_what_was_reached()
    {
        Copy(Results, "a/later", minutes: 2);
        Copy(Former, "first", minutes: 1);
        Directory.CreateDirectory(_place["empty"]);
        var runs = Json()["runs"]!.AsArray();
        Assert.Equal([_place["first"], _place["a/later"]], runs.Select(run => (string)run!["run"]!));
        Assert.Equal(["finished", "finished"], runs.Select(run => (string)run!["state"]!));
        Assert.Equal(("mnist", 2400, 2400), ((string)runs[1]!["recipe"]!, (long)runs[1]!["steps"]!, (long)runs[1]!["stepsInAll"]!));
        Assert.Equal("fd_lenet", (string)runs[1]!["distance"]!["name"]!);
        Assert.Null(runs[0]!["distance"]);
        var lines = Call("runs", _place.Path).Answer.TrimEnd('\n').Split('\n');
        Assert.Matches("^run +state +steps +loss +distance +written +recipe$", lines[0]);
        Assert.Matches("finished +2400/2400 +0\\.1194 +fd_lenet 3\\.817 .* mnist$", lines[2]);
    }

    [Fact]
    public void A_run_that_a_process_has_is_distinguished_from_one_that_was_stopped()
    {
        Copy(Results, "run", minutes: 0);
        File.Move(_place["run/report.csv"], _place["run/steps.csv"]);
        Assert.Equal("stopped", (string)Json()["runs"]![0]!["state"]!);
        using (RunFolder.Open(_place["run"]))
            Assert.Equal("running", (string)Json()["runs"]![0]!["state"]!);
        Assert.Equal("stopped", (string)Json()["runs"]![0]!["state"]!);
        Assert.Equal(0, (long)Json()["runs"]![0]!["steps"]!);
    }

    [Fact]
    public void What_is_damaged_is_listed_with_what_is_wrong()
    {
        Directory.CreateDirectory(_place["recipe"]);
        File.WriteAllText(_place["recipe/recipe.json"], "{");
        File.WriteAllText(_place["recipe/log.txt"], "");
        File.WriteAllText(_place["saved/recipe.json"], "a recipe that someone saved, and no run");
        Directory.CreateDirectory(_place["checkpoint/checkpoint/step-000000003"]);
        Copy(Results, "report", minutes: 0);
        File.WriteAllText(_place["report/report.csv"], "x,\"y\n1,2\n");
        Directory.CreateDirectory(_place["folder/recipe.json"]);
        File.WriteAllText(_place["folder/steps.csv"], "");
        var runs = Json()["runs"]!.AsArray();
        Assert.Equal(4, runs.Count);
        Assert.All(runs, run => Assert.Single(run!["troubles"]!.AsArray()));
        Assert.Equal(3, runs.Count(run => (string)run!["state"]! == "damaged"));
        var (code, answer, error) = Call("runs", _place.Path);
        Assert.True(code == ExitCode.Success, error);
        Assert.Contains("step-000000003: found no checkpoint.json; expected a whole checkpoint", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_runs_and_one_that_is_not_there()
    {
        Assert.Equal($"no runs below {_place.Path}\n", Call("runs", _place.Path).Answer);
        Assert.Equal(
            "error: nowhere-at-all: found no such file or folder; expected a folder with runs\n",
            Call("runs", "nowhere-at-all").Error);
    }

    private void Copy(string source, string name, int minutes)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(_place[name], Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            File.SetLastWriteTimeUtc(target, new DateTime(2030, 1, 1, 0, minutes, 0, DateTimeKind.Utc));
        }
        foreach (var folder in Directory.EnumerateDirectories(_place[name], "*", SearchOption.AllDirectories))
            Directory.SetLastWriteTimeUtc(folder, new DateTime(2030, 1, 1, 0, minutes, 0, DateTimeKind.Utc));
    }

    private JsonObject Json() => JsonNode.Parse(Call("runs", _place.Path, "--json").Answer)!.AsObject();

    private static (ExitCode Code, string Answer, string Error) Call(params string[] words)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        return (CommandLineApp.Run(words, new(output, error, Display.Plain), CancellationToken.None), output.ToString(), error.ToString());
    }
}
