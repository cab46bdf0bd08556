using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Training;

namespace Diffusion.Specs.Host;

/// <summary>What a run would be, and how long it would take.</summary>
public sealed class DryRunSpecs : IDisposable
{
    private readonly SmallRun _run = new();

    public DryRunSpecs() => File.WriteAllText(_run.Place["recipe.json"], RecipeText.Write(SmallRun.Recipe));

    public void Dispose() => _run.Dispose();

    private string Described(params string[] more)
    {
        var output = new StringWriter { NewLine = "\n" };
        string[] words = ["train", _run.Place["recipe.json"], "--data", _run.Place["photos"], "--out", Path.Combine(_run.Place.Path, "run"),
            "--device", "cpu", "--threads", "1", "--dry-run", .. more];
        Assert.Equal(ExitCode.Success,
            CommandLineApp.Run(words, new(output, TextWriter.Null, Display.Plain), CancellationToken.None));
        Assert.False(Directory.Exists(Path.Combine(_run.Place.Path, "run")));
        return output.ToString();
    }

    [Fact]
    public void A_dry_run_says_what_a_run_needs_and_makes_no_folder()
    {
        var lines = Described().TrimEnd('\n').Split('\n');
        Assert.Equal(["data", "network", "schedule", "optimiser", "EMA", "sampler",
                "length", "machine", "memory", "step", "training", "evaluations", "total"],
            lines.Select(line => line.Split(' ')[0]));
        Assert.Equal("length      6 steps of 3 images: 6 epochs", lines[6]);
        Assert.StartsWith("evaluations 3, 2 samples each: about ", lines[11], StringComparison.Ordinal);
    }

    [Fact]
    public void The_settings_that_decide_are_named_as_they_are_set() => Assert.Equal(
        [
            ("schedule", "linear (first 0.0001, last 0.02), 1000 timesteps; prediction noise; noise levels uniformTime; weight simple"),
            ("optimiser", "Adam, rate warmUp (peak 0.0002, warmup 5000)"), ("EMA", "constant 0.9999"),
            ("sampler", "ddim, 50 steps, spacing trailing; guidance w = 3 (s = 4)"),
        ],
        RecipeOutline.Of(BuiltInRecipes.Cifar10.Paper with
        {
            Evaluation = new()
            {
                Sampler = SamplerCatalogue.Find("ddim")!.Sampler,
                Spacing = new TimestepSpacing.Trailing(50),
                Guidance = new Guidance.ClassifierFree(3),
            },
        }));

    [Fact]
    public void A_dry_run_as_json_is_an_object_of_numbers()
    {
        var said = JsonNode.Parse(Described("--json"))!;
        Assert.Equal((6, 3, 3), ((int)said["steps"]!, (int)said["batch"]!, (int)said["evaluations"]!));
        Assert.True((double)said["seconds_per_step"]! > 0);
        Assert.Equal((double)said["total_seconds"]!, (double)said["training_seconds"]! + (double)said["evaluating_seconds"]!, 1e-3);
    }

    [Fact]
    public void A_dry_run_says_which_images_it_found() => Assert.Contains("Data: 3 images of ", _run.Succeeds(
        "train", _run.Place["recipe.json"], "--data", _run.Place["photos"], "--device", "cpu", "--threads", "1", "--dry-run"),
        StringComparison.Ordinal);

    [Fact]
    public void A_resumed_run_is_not_described() => Assert.IsType<ParsedLine.Refused>(
        CommandParser.Parse(["train", "--resume", "run", "--dry-run"]));

    [Fact]
    public void A_forecast_counts_what_is_left()
    {
        using var evaluation = new Fixed();
        var schedule = new EvaluationSchedule(new() { Steps = 100, EvaluateEvery = new EvaluationInterval.Steps(10), Batch = 4 }, 40);
        var forecast = RunForecast.Of(schedule, 25, evaluation, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        // Seven of 5 units, and the last one of 20.
        Assert.Equal((75, 8, 2 * (7 * 5 + 20)),
            (forecast.Training.TotalSeconds, forecast.Evaluations, forecast.Evaluating!.Value.TotalSeconds));
        Assert.Equal("training takes about 1 min 15 s, and 8 evaluations about 1 min 50 s", forecast.Text);
        Assert.EndsWith("plus 8 evaluations", RunForecast.Of(schedule, 25, evaluation, TimeSpan.FromSeconds(1), null).Text,
            StringComparison.Ordinal);
        var end = new DateTimeOffset(2026, 3, 4, 14, 32, 0, TimeSpan.Zero);
        Assert.Equal("1000 ms per step: training takes about 1 min 15 s, and 8 evaluations about 1 min 50 s; ends about 14:32",
            new TrainingEvent.TimeForecast(forecast, end).Text);
        Assert.StartsWith("ends about 2026-03-07 14:32, not 2026-03-06 14:32: ",
            new TrainingEvent.TimeForecast(forecast with { Training = TimeSpan.FromDays(3) }, end.AddDays(3), end.AddDays(2)).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void To_try_an_evaluation_leaves_training_as_it_is()
    {
        using var images = Training.Small.Images();
        float[] Trained(bool tries)
        {
            using var run = new TrainingRun(Training.Small.Recipe, images, TorchSharp.torch.CPU);
            using var evaluation = RunEvaluation.Of(Training.Small.Recipe, new(images));
            run.Advance();
            if (tries)
                Assert.True(evaluation.TryUnit(run) > TimeSpan.Zero);
            run.Advance();
            return run.Arena.Values.data<float>().ToArray();
        }
        Assert.Equal(Trained(false), Trained(true));
    }

    [Fact]
    public void A_run_ends_with_where_its_samples_are_and_what_can_be_done_next()
    {
        var lines = _run.Begin(SmallRun.Recipe).TrimEnd('\n').Split('\n');
        Assert.Equal($"samples: {_run.Place["run/samples-step-000006.png"]}", lines[^5]);
        Assert.Equal("next:", lines[^4]);
        Assert.StartsWith($"diffusion sample {_run.Folder} ", lines[^3].Trim(), StringComparison.Ordinal);
        _run.Succeeds(SmallRun.Pasted(lines[^2]));
        _run.Succeeds(SmallRun.Pasted(lines[^1]));
        Assert.Equal("12", _run.Column("step").Last());
    }

    private sealed class Fixed : IRunEvaluation
    {
        public Sequence<string> Columns => [];

        public Sequence<string> Remarks => [];

        public string Provenance => "";

        public EvaluationWork WorkAt(long step) => new("sampling", "network calls", step == 100 ? 20 : 5);

        public EvaluationResult Run(TrainingRun run, RunEvaluationWatch watch) => new NothingMeasured();

        public void Dispose()
        {
        }
    }
}
