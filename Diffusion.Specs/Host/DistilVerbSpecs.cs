using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Math.Predictions;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Specs.Host;

/// <summary><c>distil</c>: students of fewer and fewer calls, each the teacher of the next.</summary>
public sealed class DistilVerbSpecs : IDisposable
{
    private static readonly Recipe Velocity = SmallRun.Recipe with
    {
        Prediction = new Prediction.Velocity(),
        Length = SmallRun.Recipe.Length with { Steps = 2 },
    };

    private readonly SmallRun _run = new();

    public void Dispose() => _run.Dispose();

    private string[] Common => ["--out", _run.Place["few"], "--threads", "1", "--device", "cpu"];

    [Fact]
    public void Each_stage_is_a_run_that_begins_with_the_student_before()
    {
        _run.Begin(Velocity);
        _run.Succeeds(["distil", _run.Folder, "--calls", "2,1", "--images", "6", "--samples", "2", .. Common]);
        var (two, one) = (RecipeFile.Read(_run.Place["few/calls-2/recipe.json"]), RecipeFile.Read(_run.Place["few/calls-1/recipe.json"]));
        Assert.Equal(("small-2-calls", _run.Folder, 2L), (two.Name, two.From!.Run, two.Length.Steps));
        Assert.Equal(("small-1-calls", _run.Place["few/calls-2"], 2), (one.Name, one.From!.Run, one.Distillation!.TeacherSteps));
        Assert.Equal(RunState.Finished, RunSummary.Read(_run.Place["few/calls-1"]).State);
        Assert.DoesNotContain("distilled", _run.Succeeds("sample", _run.Place["few/calls-1"], "--count", "1", "-o", _run.Place["one.png"]),
            StringComparison.Ordinal);
        // The second stage was not begun, the first is done.
        Directory.Delete(_run.Place["few/calls-1"], recursive: true);
        var again = _run.Succeeds(["distil", _run.Folder, "--calls", "2,1", "--images", "6", "--samples", "2", .. Common]);
        Assert.Contains("all 2 steps are done", again, StringComparison.Ordinal);
        Assert.Equal(one, RecipeFile.Read(_run.Place["few/calls-1/recipe.json"]));
        Assert.Contains("found an earlier run with another teacher, or other steps",
            _run.Fails(["distil", _run.Folder, "--calls", "2", "--teacher-calls", "6", "--images", "6", .. Common]),
            StringComparison.Ordinal);
        // Refused before the first student is trained.
        Assert.Contains("calls-2: found an earlier run with another teacher, or other steps",
            _run.Fails(["distil", _run.Folder, "--calls", "4,2", "--images", "6", "--samples", "2", .. Common]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_run.Place["few/calls-4"]));
        Assert.Contains("calls-2: found an earlier run with another length.steps; expected another folder: --out DIR",
            _run.Fails(["distil", _run.Folder, "--calls", "2,1", "--images", "9", "--samples", "2", .. Common]), StringComparison.Ordinal);
        Assert.Contains("calls-2: found an earlier run with another optimiser.rate.peak", _run.Fails(
            ["distil", _run.Folder, "--calls", "2,1", "--images", "6", "--samples", "2", "--set", "optimiser.rate.peak=0.5", .. Common]),
            StringComparison.Ordinal);
        Assert.Contains("found a model of 2 calls; expected a teacher of a multiple of 2 calls",
            _run.Fails("distil", _run.Place["few/calls-2"], "--calls", "2"), StringComparison.Ordinal);
        Assert.Contains("--dry-run: found a distillation",
            _run.Fails("train", _run.Place["few/calls-2/recipe.json"], "--data", _run.Place["photos"], "--dry-run"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_distillation_that_is_stopped_says_the_line_that_goes_on_with_all_stages()
    {
        _run.Begin(Velocity);
        using var stopping = new CancellationTokenSource();
        var said = new StoppingWriter("run folder:", stopping.Cancel);
        string[] words = ["distil", _run.Folder, "--calls", "2,1", "--images", "6", "--samples", "2", .. Common];
        Assert.Equal(ExitCode.Interrupted, CommandLineApp.Run(words, new(TextWriter.Null, said, Display.Plain), stopping.Token));
        Assert.EndsWith($"; continue with: {ResumeLine.Of(words)}\n", said.ToString(), StringComparison.Ordinal);
        _run.Succeeds(words);
        Assert.Equal(RunState.Finished, RunSummary.Read(_run.Place["few/calls-1"]).State);
    }

    [Fact]
    public void What_cannot_be_distilled_is_refused_in_one_line_and_leaves_nothing()
    {
        _run.Begin(Velocity with { Prediction = new Prediction.Noise() });
        Assert.Contains("distillation: a network that predicts the noise", _run.Fails(["distil", _run.Folder, "--images", "3", .. Common]),
            StringComparison.Ordinal);
        Assert.Contains("--calls: 3 must divide 8", _run.Fails(["distil", _run.Folder, "--calls", "8,3", .. Common]),
            StringComparison.Ordinal);
        Assert.Contains("--teacher-calls: 99999998 is more than 1000",
            _run.Fails(["distil", _run.Folder, "--calls", "2", "--teacher-calls", "99999998", .. Common]), StringComparison.Ordinal);
        Assert.Contains("--calls: 99999998 is more than 1000", _run.Fails(["distil", _run.Folder, "--calls", "99999998", .. Common]),
            StringComparison.Ordinal);
        Assert.Contains("--teacher-calls: 9 is no multiple of 8", _run.Fails(["distil", _run.Folder, "--teacher-calls", "9", .. Common]),
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_run.Place.Path, "few")));
    }

    private sealed class StoppingWriter(string line, Action stop) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            Write($"{value}\n");
            if (value?.StartsWith(line, StringComparison.Ordinal) == true)
                stop();
        }
    }
}
