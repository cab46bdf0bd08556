using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

public sealed class RunFolderSpecs : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 31, 12, 4, 5, TimeSpan.Zero);

    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_new_folder_is_made_with_the_folders_on_the_way()
    {
        using var run = RunFolder.Create(Path.Combine(_place.Path, "a", "b"));
        Assert.True(Directory.Exists(run.Path));
    }

    [Fact]
    public void An_empty_folder_will_do()
    {
        using var run = RunFolder.Create(_place.Path);
        Assert.Equal(_place.Path, run.Path);
    }

    [Theory]
    [InlineData("log.txt", true)]
    [InlineData("report.csv", true)]
    [InlineData("recipe.json", true)]
    [InlineData("checkpoint", false)]
    [InlineData("averages", false)]
    public void A_file_in_the_place_of_a_folder_is_named_and_a_folder_in_that_of_a_file(string name, bool isFolder)
    {
        File.WriteAllText(_place["recipe.json"], "{}");
        File.Delete(_place[name]);
        if (isFolder)
            Directory.CreateDirectory(_place[name]);
        else
            File.WriteAllText(_place[name], "");
        var expected = $"{_place[name]}: found {(isFolder ? "a folder; expected a file" : "a file; expected a folder")}";
        Assert.StartsWith(expected, Assert.Throws<InputException>(() => RunFolder.Open(_place.Path)).Message, StringComparison.Ordinal);
        if (name == "checkpoint")
            Assert.StartsWith(
                expected,
                Assert.Throws<InputException>(() => CheckpointPlace.Find(_place.Path, _ => { })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_files_of_a_run_have_fixed_names()
    {
        using var run = RunFolder.Create(_place.Path);
        string[] names = [run.Recipe, run.Report, run.Log, run.Curves, run.Checkpoints, run.Samples(7), run.Samples(1_234_567)];
        Assert.Equal(
            ["recipe.json", "report.csv", "log.txt", "curves.png", "checkpoint", "samples-step-000007.png", "samples-step-1234567.png"],
            names.Select(name => Path.GetRelativePath(_place.Path, name)));
    }

    [Fact]
    public void A_folder_without_a_name_is_named_after_recipe_and_time()
    {
        using var run = RunFolder.Create(_place.Path, "mnist", Noon);
        Assert.Equal(Path.Combine(_place.Path, "mnist-20300131-120405"), run.Path);
    }

    [Fact]
    public void Two_runs_of_one_second_have_two_folders()
    {
        using var first = RunFolder.Create(_place.Path, "mnist", Noon);
        using var second = RunFolder.Create(_place.Path, "mnist", Noon);
        Assert.Equal($"{first.Path}-2", second.Path);
    }

    // Opening one would wait for ever.
    [UnixFact]
    public void A_run_with_a_pipe_in_the_place_of_a_file_is_refused_at_once()
    {
        foreach (var name in new[] { "recipe.json", "report.csv", "data.json", "log.txt" })
        {
            var run = Directory.CreateDirectory(_place[$"of {name}"]).FullName;
            File.WriteAllText(Path.Combine(run, "recipe.json"), "");
            var pipe = Path.Combine(run, name);
            File.Delete(pipe);
            using (var made = System.Diagnostics.Process.Start("mkfifo", [pipe]))
                made.WaitForExit();
            Assert.Contains(
                $"{name}: found a named pipe", Assert.Throws<InputException>(() => RunFolder.Open(run)).Message, StringComparison.Ordinal);
        }
    }

    [UnixFact]
    public void Whoever_only_reads_a_run_refuses_a_pipe_at_once()
    {
        using var run = SmallRun.Complete();
        foreach (var (name, words) in new[]
        {
            ("report.csv", "plot report compare"), ("recipe.json", "plot report"),
            ("log.txt", "report"), ("samples-step-000006.png", "report"),
        })
        {
            File.Move(run.Place[$"run/{name}"], run.Place["kept"]);
            Pipe(run.Place[$"run/{name}"]);
            foreach (var word in words.Split(' '))
                Assert.Contains($"{name}: found a named pipe", run.Fails(word, run.Folder), StringComparison.Ordinal);
            File.Move(run.Place["kept"], run.Place[$"run/{name}"], overwrite: true);
        }
        // Curves of steps are left out where they cannot be read.
        File.Delete(run.Place["run/steps.csv"]);
        Pipe(run.Place["run/steps.csv"]);
        foreach (var word in new[] { "plot", "report", "compare" })
            run.Succeeds(word, run.Folder);
        Pipe(run.Place["run/.lock.pipe"]);
        File.Move(run.Place["run/.lock.pipe"], run.Place["run/.lock"], overwrite: true);
        Assert.False(RunFolder.IsInUse(run.Folder));
        Pipe(run.Place["pipe"]);
        Pipe(run.Place["pipe.json"]);
        string[][] lines =
        [
            ["compare", run.Place["pipe"]], ["sample", run.Folder, "--request", run.Place["pipe"], "-o", run.Place["x.png"]],
            ["train", run.Place["pipe.json"]],
            ["plan", "--schedule", run.Place["pipe.json"]],
        ];
        Assert.All(lines, line => Assert.Contains("named pipe", run.Fails(line), StringComparison.Ordinal));
    }

    private static void Pipe(string path)
    {
        using var made = System.Diagnostics.Process.Start("mkfifo", [path]);
        made.WaitForExit();
    }

    [Fact]
    public void A_path_that_cannot_become_a_run_is_refused_before_anything_is_made()
    {
        File.WriteAllText(_place["file"], "");
        Assert.EndsWith($"cannot be written: {_place["file"]} is a file", Assert.Throws<OutputException>(
            () => RunFolder.RequireNew(Path.Combine(_place["file"], "a", "b"))).Message, StringComparison.Ordinal);
        RunFolder.RequireNew(Path.Combine(_place.Path, "new", "run"));
        Assert.Equal([_place["file"]], Directory.GetFileSystemEntries(_place.Path));
    }

    [Fact]
    public void A_folder_that_holds_other_files_is_refused_and_left_as_it_was()
    {
        File.WriteAllText(_place["letter.txt"], "");
        var refusal = Assert.Throws<InputException>(() => RunFolder.Create(_place.Path));
        Assert.Equal($"{_place.Path}: found a folder that holds other files; expected a new or empty folder.", refusal.Message);
        Assert.Equal([_place["letter.txt"]], Directory.GetFileSystemEntries(_place.Path));
    }

    [Fact]
    public void A_folder_that_holds_a_run_is_refused_with_the_way_to_go_on()
    {
        File.WriteAllText(_place["recipe.json"], "{}");
        var refusal = Assert.Throws<InputException>(() => RunFolder.Create(_place.Path));
        Assert.Contains($"--resume {_place.Path}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_no_folder()
    {
        File.WriteAllText(_place["out"], "");
        Assert.Contains(
            "found a file", Assert.Throws<InputException>(() => RunFolder.Create(_place["out"])).Message, StringComparison.Ordinal);
        Assert.Contains(
            "found a file", Assert.Throws<InputException>(() => RunFolder.Open(_place["out"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_in_use_is_refused_to_everyone_else()
    {
        File.WriteAllText(_place["recipe.json"], "{}");
        using var held = RunFolder.Open(_place.Path);
        var refusal = Assert.Throws<InputException>(() => RunFolder.Open(_place.Path));
        Assert.Equal($"{_place.Path}: found a run in use by another process; expected a run that is not in use.", refusal.Message);
    }

    [Fact]
    public void A_run_can_be_opened_again_when_it_is_given_back()
    {
        File.WriteAllText(_place["recipe.json"], "{}");
        RunFolder.Open(_place.Path).Dispose();
        RunFolder.Open(_place.Path).Dispose();
    }

    [Fact]
    public void A_run_that_ended_before_its_first_file_leaves_an_empty_folder()
    {
        RunFolder.Create(_place.Path).Dispose();
        RunFolder.Create(_place.Path).Dispose();
    }

    [Fact]
    public void A_folder_without_a_recipe_cannot_be_resumed()
    {
        var refusal = Assert.Throws<InputException>(() => RunFolder.Open(_place.Path));
        Assert.Equal($"{_place.Path}: found a folder without recipe.json; expected the folder of a run.", refusal.Message);
    }

    [Fact]
    public void A_missing_folder_cannot_be_resumed()
    {
        var refusal = Assert.Throws<InputException>(() => RunFolder.Open(_place["none"]));
        Assert.Contains("found no such file or folder", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_replaced_as_a_whole_or_not_at_all()
    {
        using var run = RunFolder.Create(_place.Path);
        RunFolder.Write(run.Recipe, stream => stream.Write("old"u8));
        Assert.Throws<OutputException>(() => RunFolder.Write(run.Recipe, stream =>
        {
            stream.Write("ne"u8);
            throw new IOException("No more.");
        }));
        Assert.Equal("old", File.ReadAllText(run.Recipe));
    }

    [Fact]
    public void What_killed_writes_left_goes_when_the_run_is_opened_and_nothing_else()
    {
        File.WriteAllText(_place["recipe.json"], "{}");
        var number = new string('a', 32);
        string[] leftOver = [_place[$"recipe.json.{number}.partial"], _place[$"averages/step-1.safetensors.{number}.partial"],
            _place[$"checkpoint/step-1.{number}.partial/weights"]];
        string[] others = [_place["letter.partial"], _place["checkpoint/my.partial"], _place["mine/x." + number + ".partial"],
            _place[$"held.png.{number}.partial"]];
        foreach (var file in leftOver.Concat(others))
            File.WriteAllText(file, "");
        using (var held = new FileStream(others[^1], FileMode.Open, FileAccess.Write, FileShare.None))
            RunFolder.Open(_place.Path).Dispose();
        Assert.All(leftOver, file => Assert.False(File.Exists(file)));
        Assert.All(others, file => Assert.True(File.Exists(file)));
        Assert.Empty(Directory.GetDirectories(_place["checkpoint"]));
    }

    [OrdinaryUserFact, System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void A_folder_without_permission_is_named()
    {
        File.SetUnixFileMode(_place.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var refusal = Assert.Throws<OutputException>(() => RunFolder.Create(Path.Combine(_place.Path, "run")));
        Assert.Equal($"{Path.Combine(_place.Path, "run")} cannot be written: no permission", refusal.Message);
        File.SetUnixFileMode(_place.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void A_full_disk_is_named()
    {
        if (!File.Exists("/dev/full"))
            return;
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var refusal = Assert.Throws<OutputException>(() => OutputException.Guard("runs/a/report.csv", () => full.Write("row"u8)));
        Assert.Equal("runs/a/report.csv cannot be written: the disk is full", refusal.Message);
    }
}
