using System.Text.RegularExpressions;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Posters;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;
using Diffusion.Specs.Data;
using Diffusion.Specs.Host;

namespace Diffusion.Specs.Posters;

/// <summary>A poster: figures by command lines that are printed beside them, on a page in Markdown and on a sheet to print.</summary>
public sealed partial class PosterSpecs : IClassFixture<PosterSpecs.TinyModels>
{
    private readonly TinyModels _models;

    public PosterSpecs(TinyModels models) => _models = models;

    private static string Documented => File.ReadAllText(Path.Combine(Repository.Root, "docs", "poster.md"));

    /// <summary>Two runs of a few weights, and the poster of them.</summary>
    public sealed class TinyModels : IDisposable
    {
        public TinyModels()
        {
            foreach (var set in (Dataset[])[Dataset.Mnist, Dataset.Cifar10])
            {
                OfficialFiles.Write(set, Path.GetDirectoryName(Place[$"data/{set.Name}/any"])!, 40, 20);
                Succeeds(["train", $"{set.Name}-cfg", "--out", Place[$"runs/{set.Name}"], "--data", Place[$"data/{set.Name}"], "--offline",
                    "--steps", "2", "--batch", "4", "--samples", "4", .. Machine, .. ((string[])[
                    $"network.levels=[{TrainingProcess.Level}]", "network.residual.groups=4", "precision=float32",
                    "evaluation.sampler=ddim", "evaluation.spacing.count=3"])
                    .SelectMany(change => new[] { "--set", change })]);
            }
            Succeeds(["poster", "--out", Place["poster.md"], "--model", Place["runs/mnist"], "--model", Place["runs/cifar10"], "--data",
                Place["data"], .. Machine]);
        }

        public TemporaryFolder Place { get; } = new();

        public static string[] Machine => ["--device", "cpu", "--threads", "1"];

        public void Dispose() => Place.Dispose();

        private static void Succeeds(string[] words)
        {
            var (code, _, error) = Run(words);
            Assert.True(code == ExitCode.Success, error);
        }
    }

    private static (ExitCode Code, string Output, string Error) Run(string[] words)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = CommandLineApp.Run(words, new(output, error, Display.Plain), CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }

    [Fact]
    public void Every_figure_of_the_pages_is_there_and_is_made_by_the_command_beside_it()
    {
        var page = File.ReadAllText(_models.Place["poster.md"]);
        var figures = Figure().Matches(page).Select(match => match.Groups["file"].Value).ToList();
        Assert.Equal(
        [
            "forward-mnist.png", "forward-cifar10.png", "curves-mnist.png", "curves-cifar10.png", "samples-mnist.png",
            "samples-cifar10.png", "cfg-mnist.png", "cfg-cifar10.png", "guidance-mnist.png", "guidance-cifar10.png",
            "progressive-mnist.png", "progressive-cifar10.png", "progressive-4-mnist.png", "progressive-4-cifar10.png",
        ], figures.Select(Path.GetFileName));
        Assert.All(figures, file => Assert.NotNull(PngNotes.Read(File.ReadAllBytes(_models.Place[file]))));
        var lines = CommandsOf(page);
        Assert.All(figures, file => Assert.Contains(lines, line => line[^1] == Path.GetFileName(file)));
        var sheet = File.ReadAllText(_models.Place["poster/poster.html"]);
        Assert.All(figures, file => Assert.Contains($"<img src=\"{Path.GetFileName(file)}\"", sheet, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Contains(string.Join(' ', line), sheet, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("samples-mnist.png")]
    [InlineData("cfg-cifar10.png")]
    [InlineData("guidance-mnist.png")]
    [InlineData("progressive-4-mnist.png")]
    [InlineData("curves-mnist.png")]
    [InlineData("forward-cifar10.png")]
    public void A_printed_command_makes_its_figure_alone(string file)
    {
        var line = CommandsOf(File.ReadAllText(_models.Place["poster.md"])).Single(line => line[^1] == file);
        var again = _models.Place[$"again/{file}"];
        string[] machine = line[0] is "sample" or "vary" ? TinyModels.Machine : [];
        var (code, _, error) = Run([.. line[..^1], again, .. machine]);
        Assert.True(code == ExitCode.Success, error);
        Assert.Equal(File.ReadAllBytes(_models.Place[$"poster/{file}"]), File.ReadAllBytes(again));
    }

    [Fact]
    public void The_table_of_a_run_is_what_its_command_prints()
    {
        var page = File.ReadAllText(_models.Place["poster.md"]);
        foreach (var line in CommandsOf(page).Where(line => line[0] == "compare"))
            Assert.Contains(Run(line).Output.Split("\n\n")[0].Split("\nIn all rows")[0].Trim(), page, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_stand_beside_figures_as_their_files_say_them()
    {
        var page = File.ReadAllText(_models.Place["poster.md"]);
        Assert.Contains("mnist-cfg, step 2, ddim", page, StringComparison.Ordinal);
        Assert.Contains("guidance w = 3 (s = 4)", page, StringComparison.Ordinal);
        Assert.Contains("CIFAR-10, label 4 (deer), w = 3 (s = 4)", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_time_is_shared_among_the_data_sets_of_which_no_model_is_given()
    {
        var half = TimeSpan.FromMinutes(30);
        Assert.Equal([("mnist-cfg", 9), ("cifar10-cfg", 18)],
            PosterTraining.Shares(half, []).Select(share => (share.Recipe, share.Time.TotalMinutes)));
        var digits = PosterModel.Open(_models.Place["runs/mnist"]);
        Assert.Equal([("cifar10-cfg", 27)], PosterTraining.Shares(half, [digits]).Select(share => (share.Recipe, share.Time.TotalMinutes)));
        Assert.Empty(PosterTraining.Shares(half, [digits, PosterModel.Open(_models.Place["runs/cifar10"])]));
    }

    [Fact]
    public void A_time_that_no_model_can_be_trained_in_is_refused_as_a_whole()
    {
        var reason = Refusal("--minutes", "0.01", "--data", _models.Place["data"], "--offline", "--out", _models.Place["short"]);
        Assert.Matches(@"^--minutes: found 0\.01; expected more: MNIST has 0\.003 minutes of it, and needs at least \S+ here", reason);
    }

    [Fact]
    public void A_folder_with_other_files_stays_as_it_is()
    {
        var file = _models.Place["other/notes.txt"];
        File.WriteAllText(file, "mine");
        Assert.EndsWith("found a folder that holds other files; expected a new or empty folder", Refusal("--out", _models.Place["other"]));
        Assert.Equal([file], Directory.GetFileSystemEntries(Path.GetDirectoryName(file)!));
        File.WriteAllText(_models.Place["page.md"], "mine");
        Assert.Contains("expected a poster, or a file that is not there yet", Refusal("--out", _models.Place["page.md"]));
    }

    [Fact]
    public void Two_models_of_one_data_set_and_a_time_that_nothing_needs_are_refused()
    {
        string[] one = ["--model", _models.Place["runs/mnist"]], other = ["--model", _models.Place["runs/cifar10"]];
        Assert.EndsWith("both of MNIST; expected one model of a data set", Refusal([.. one, .. one]));
        Assert.Contains("expected a data set left to train on", Refusal([.. one, .. other, "--minutes", "3"]));
        Assert.Contains("found no such file or folder; expected the folder of a run", Refusal("--model", _models.Place["nothing/here"]));
    }

    [Fact]
    public void Every_command_of_the_documented_poster_is_understood()
    {
        var lines = CommandsOf(Documented);
        Assert.True(lines.Count > 8);
        Assert.All(lines, line => Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse(line)));
    }

    [Fact]
    public void Every_figure_of_the_documented_poster_is_in_the_repository_and_all_are_small()
    {
        var folder = Path.Combine(Repository.Root, "docs", "poster");
        Assert.All(Figure().Matches(Documented), match =>
            Assert.True(File.Exists(Path.Combine(Repository.Root, "docs", match.Groups["file"].Value)), match.Value));
        Assert.InRange(Directory.EnumerateFiles(folder).Sum(file => new FileInfo(file).Length), 100_000, 2_300_000);
    }

    private string Refusal(params string[] words)
    {
        var (code, _, error) = Run(["poster", .. words]);
        Assert.True(code == ExitCode.Failure, error);
        return error.TrimEnd().Split('\n')[^1]["error: ".Length..];
    }

    private static List<string[]> CommandsOf(string page) =>
        [.. Line().Matches(page).Select(match => match.Groups["line"].Value.Split(' '))];

    [GeneratedRegex(@"`diffusion (?<line>[^`]+)`")]
    private static partial Regex Line();

    [GeneratedRegex(@"!\[[^\]]*\]\((?<file>[^)]+)\)")]
    private static partial Regex Figure();
}
