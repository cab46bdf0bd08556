using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;

namespace Diffusion.Specs.Host;

/// <summary>Runs that keep a time by a clock that steps of training move: their recipe says all that became of them.</summary>
public sealed class KeptTimeSpecs : IDisposable
{
    private static readonly TimeSpan Whole = TimeSpan.FromSeconds(24);

    private static readonly Recipe Recipe = Small.Recipe with
    {
        Optimiser = new() { Rate = new LearningRate.WarmUpCosine(1e-3, 2, 24) },
        Length = Small.Recipe.Length with { Steps = 24, EvaluateEvery = new EvaluationInterval.Steps(10) },
        Evaluation = new()
        {
            Spacing = new TimestepSpacing.Trailing(2), Samples = 4, FinalSamples = 6, GridImages = 4, FullSamplesFrom = 24,
        },
    };

    private readonly TemporaryFolder _place = new();
    private readonly ImageSet _images = Small.Images();
    private readonly HandClock _clock = new();

    public void Dispose()
    {
        _images.Dispose();
        _place.Dispose();
    }

    private static TrainerOptions Options => new() { Evaluation = BrightnessMeter.Evaluation };

    // A step takes a second, and from the ninth on as long as is said.
    private TrainingEvents Train(double seconds, RunTime time, Action<TrainingEvent>? happened = null)
    {
        var events = new TrainingEvents { Happened = happened ?? (_ => { }) };
        using var trainer = Trainer.Begin(
            Recipe, new(_images), RunFolder.Create(_place["run"]),
            Options with { CheckpointEvery = 4, Keep = 99, Time = time, Clock = _clock });
        ((UNet)trainer.Run.Network).register_forward_pre_hook((network, _, _, _) =>
        {
            if (network.training)
                _clock.Pass(trainer.Run.Updates < 8 ? 1 : seconds);
            return null;
        });
        trainer.Train(events);
        return events;
    }

    private void Repeat(Recipe recipe, string run)
    {
        using var trainer = Trainer.Begin(recipe, new(_images), RunFolder.Create(_place[run]), Options);
        trainer.Train();
    }

    private void GoOn(string run)
    {
        using var trainer = Trainer.Resume(RunFolder.Open(_place[run]), new(_images), Options);
        trainer.Train();
    }

    private Recipe Written(string run) => RecipeFile.Read(_place[$"{run}/recipe.json"]);

    // All that the last checkpoint is: hashes of its files among it.
    private string Last(string run) =>
        File.ReadAllText(Path.Combine(new CheckpointStore(_place[$"{run}/checkpoint"]).Latest(Assert.Fail)!, Checkpoint.HeaderName));

    private string[] Rows(string run) => [.. ReportTable.Read(_place[$"{run}/report.csv"])
        .Under(["step", "loss", "learning_rate", "samples", "brightness"]).Rows.Select(row => string.Join(' ', row))];

    private void Copy(string to)
    {
        foreach (var file in Directory.GetFiles(_place["run"], "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock")))
            File.Copy(file, _place[Path.Combine(to, Path.GetRelativePath(_place["run"], file))]);
    }

    [Theory]
    [InlineData(2, 16)]
    [InlineData(0.7, 30)]
    public void A_run_whose_pace_changes_ends_in_time_and_its_recipe_repeats_and_resumes_it_to_the_bit(double seconds, long steps)
    {
        var killed = new List<string>();
        var events = Train(seconds, new(Whole, new(1, 0, 0)) { Since = 0 }, happened =>
        {
            if (happened is not TrainingEvent.LengthChanged)
                return;
            Copy($"killed{killed.Count}");
            killed.Add($"killed{killed.Count}");
        });
        Assert.InRange(_clock.Passed, Whole - TimeSpan.FromSeconds(seconds), Whole);
        Assert.Equal(steps, Written("run").Length.Steps);
        Assert.InRange(killed.Count, 1, RunTime.Looks.Count);
        Assert.Equal([.. Enumerable.Range(1, (int)(steps - 1) / 10).Select(index => (10L * index, 4)), (steps, 6)],
            events.All.OfType<TrainingEvent.EvaluationDone>().Select(done => (done.Row.Training.Updates, done.Row.Found.Count)));

        Repeat(Written("run"), "again");
        Assert.Equal(Last("again"), Last("run"));
        Assert.Equal(Rows("again"), Rows("run"));
        // Killed when recipe.json was written, before any other file.
        GoOn(killed[^1]);
        Assert.Equal(Last("run"), Last(killed[^1]));
        Assert.Equal(Rows("run"), Rows(killed[^1]));
    }

    [Fact]
    public void What_happens_to_the_length_is_said_in_a_line_and_a_checkpoint_of_before_is_one_of_the_renewed_run()
    {
        var events = Train(2, new(Whole, new(1, 0, 0)) { Since = 0 });
        var expected = Last("run");
        Assert.IsType<LearningRate.Stretched>(((LearningRate.Stretched)Written("run").Optimiser.Rate).Rate);
        foreach (var later in Directory.GetDirectories(_place["run/checkpoint"]).Order().Skip(2))
            Directory.Delete(later, recursive: true);
        GoOn("run");
        Assert.Equal(expected, Last("run"));
        Assert.Equal("ends about 12:00: 17 instead of 24 steps, as a step takes 1600 ms, not 1000",
            events.All.OfType<TrainingEvent.LengthChanged>().First().Text);
        Assert.Equal([24L, 24, 17, 16], events.All.OfType<TrainingEvent.StepsBegan>().Select(began => began.Steps));
        Assert.Equal(16, events.All.OfType<TrainingEvent.StepMade>().Last().Steps);
        Assert.Empty(events.Warnings);
    }

    [Fact]
    public void The_steps_alone_count_where_a_quick_run_keeps_its_minutes_and_it_does_not_go_beyond_its_recipe()
    {
        Train(0.5, new(Whole, new(1, 0, 0)) { Most = 24 });
        Assert.Equal(Recipe, Written("run") with { Data = Recipe.Data });
        Assert.Equal(TimeSpan.FromSeconds(16), _clock.Passed);
    }

    [Fact]
    public void A_clock_that_stands_still_changes_nothing()
    {
        Train(0, new(Whole, new(1, 0, 0)) { Since = (-Whole).Ticks });
        Assert.InRange(Written("run").Length.Steps, 1, 24);
    }
}
