using Diffusion.Host.Options;
using Diffusion.Host.Training;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Specs.Host;

/// <summary>Runs that are made longer: what was to end with them still does.</summary>
public sealed class LengthenedRunSpecs : IDisposable
{
    private readonly SmallRun _run = SmallRun.Complete();

    public void Dispose() => _run.Dispose();

    public static TheoryData<LearningRate, LearningRate> Rates => new()
    {
        { new LearningRate.WarmUpCosine(1e-3, 2, 20), new LearningRate.WarmUpCosine(1e-3, 2, 200) },
        { new LearningRate.WarmUpLinear(1e-3, 2, 20), new LearningRate.WarmUpLinear(1e-3, 2, 200) },
        { new LearningRate.WarmUpCosine(1e-3, 2, 30), new LearningRate.WarmUpCosine(1e-3, 2, 30) },
        { new LearningRate.OneCycle(1e-3, 0.4, 20), new LearningRate.OneCycle(1e-3, 0.4, 200) },
        { new LearningRate.Trapezoid(1e-3, 2, 5, 20), new LearningRate.Trapezoid(1e-3, 2, 5, 200) },
        { new LearningRate.WarmUp(1e-3, 2), new LearningRate.WarmUp(1e-3, 2) },
        { new LearningRate.InverseSquareRoot(1e-3, 2, 5), new LearningRate.InverseSquareRoot(1e-3, 2, 5) },
    };

    [Theory]
    [MemberData(nameof(Rates))]
    public void A_rate_that_ended_with_the_run_still_does(LearningRate before, LearningRate after) =>
        Assert.Equal(after, before.Over(20, 200));

    [Property(Arbitrary = [typeof(Arbitraries)])]
    public void A_rate_is_0_from_where_it_says_and_nowhere_before(LearningRate rate, PositiveInt steps)
    {
        var from = rate.ZeroFrom(steps.Get);
        Assert.InRange(from, 0, steps.Get);
        Assert.All(Enumerable.Range(1, steps.Get).Where(step => step < from), step => Assert.True((float)rate.At(step) > 0));
        Assert.All(Enumerable.Range(0, steps.Get).Where(step => step >= from), step => Assert.Equal(0, (float)rate.At(step)));
    }

    [Fact]
    public void A_run_that_is_made_longer_learns_to_its_new_end()
    {
        var said = _run.GoOn("--steps", "10", "--checkpoint-every", "1");
        Assert.Contains("optimiser.rate.total: 6 up to here, 10 from now on", said, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", said, StringComparison.Ordinal);
        Assert.Equal(10, ((LearningRate.WarmUpCosine)_run.Last.Optimiser.Rate).Total);
        Assert.All(_run.Column("learning_rate"), rate => Assert.NotEqual("0", rate));
        var weights = Enumerable.Range(8, 3).Select(_run.Weights);
        Assert.Equal(3, weights.Distinct().Count());
    }

    [Fact]
    public void How_often_checkpoints_are_saved_is_remembered()
    {
        Assert.Contains("checkpoints: after evaluations only", _run.GoOn("--steps", "7"), StringComparison.Ordinal);
        _run.GoOn("--steps", "8", "--checkpoint-every", "1", "--keep", "9");
        var said = _run.GoOn("--steps", "12");
        Assert.DoesNotContain("checkpoints: after evaluations only", said, StringComparison.Ordinal);
        Assert.Contains("--checkpoint-every 1 --keep 9", said, StringComparison.Ordinal);
        Assert.Equal(4, Enumerable.Range(9, 4).Count(step => Directory.Exists(_run.Place[$"run/checkpoint/step-{step:D9}"])));
        Assert.Equal(new CheckpointPolicy(1, 9), CheckpointPolicy.Of(_run.Folder));
    }

    [Fact]
    public void A_run_that_was_made_longer_and_killed_goes_on_to_that_length()
    {
        // Killed before its first new checkpoint.
        var longer = LearningRateAdvice.Following(SmallRun.Recipe, _run.Last with { Length = _run.Last.Length with { Steps = 8 } }, []);
        File.WriteAllText(_run.Place["run/recipe.json"], RecipeText.Write(longer));
        _run.GoOn();
        Assert.Equal(["2", "4", "6", "8"], _run.Column("step"));
        Assert.Equal(8, ((LearningRate.WarmUpCosine)_run.Last.Optimiser.Rate).Total);
    }

    [Theory]
    [InlineData("length.steps=200", 200)]
    [InlineData("optimiser.rate.peak=1e-4 length.steps=90", 90)]
    [InlineData("length.steps=200 optimiser.rate.total=150", 150)]
    public void The_rate_of_a_new_run_follows_however_its_length_is_asked_for(string changes, int total)
    {
        var asked = changes.Split(' ').Select(change => new RecipeChange(change.Split('=')[0], change.Split('=')[1])).ToSequence();
        var recipe = RunSetup.NewRecipe(
            new RecipeSource.BuiltIn("mnist"),
            new() { Preset = Preset.Quick, Changes = asked }, new(TorchSharp.torch.CPU, 1));
        Assert.Equal(total, ((LearningRate.OneCycle)recipe.Optimiser.Rate).Total);
    }

    [Fact]
    public void A_rate_that_is_0_for_long_is_reported_before_the_first_step()
    {
        var idle = SmallRun.Recipe with { Optimiser = new() { Rate = new LearningRate.WarmUpLinear(1e-3, 1, 3) } };
        Directory.Delete(_run.Folder, recursive: true);
        var said = _run.Begin(idle);
        const string warning = "warning: the learning rate is 0 at step 1 and from step 4 on: 4 of 6 steps change no weight; " +
            "--set optimiser.rate.total=6 lets it end with the run";
        Assert.Contains(warning, said, StringComparison.Ordinal);
        Assert.InRange(said.IndexOf(warning, StringComparison.Ordinal), 0, said.IndexOf("epoch 2:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1000, 992, false)]
    [InlineData(1000, 989, true)]
    [InlineData(101, 101, false)]
    [InlineData(50, 50, true)]
    [InlineData(1, 1, true)]
    public void One_step_in_a_hundred_may_be_without_effect(int steps, int total, bool isAdvised)
    {
        var recipe = SmallRun.Recipe with
        {
            Optimiser = new() { Rate = new LearningRate.WarmUpCosine(1e-3, 100, total) },
            Length = SmallRun.Recipe.Length with { Steps = steps },
        };
        Assert.Equal(isAdvised, LearningRateAdvice.Idleness(recipe) is not null);
    }

    [Theory]
    [InlineData(1, 100, "the warm-up of 100 steps does not end within the run of 1 step: the learning rate reaches 0e+0 of 1e-3; " +
        "--set optimiser.rate.warmup=0 shortens it")]
    [InlineData(20, 100, "the warm-up of 100 steps does not end within the run of 20 steps: the learning rate reaches 1.9e-4 of 1e-3; " +
        "--set optimiser.rate.warmup=2 shortens it")]
    [InlineData(1, 1, "the warm-up of 1 step does not end within the run of 1 step: the learning rate reaches 0e+0 of 1e-3; " +
        "--set optimiser.rate.warmup=0 shortens it")]
    [InlineData(50, 49, null)]
    [InlineData(50, 0, null)]
    public void A_warm_up_that_does_not_end_within_the_run_is_said_and_its_first_step_alone_is_not(int steps, int warmup, string? says)
    {
        var recipe = SmallRun.Recipe with
        {
            Optimiser = new() { Rate = new LearningRate.WarmUp(1e-3, warmup) },
            Length = SmallRun.Recipe.Length with { Steps = steps },
        };
        Assert.Equal(says, LearningRateAdvice.Idleness(recipe));
        // What is past cannot be changed.
        Assert.Null(LearningRateAdvice.Idleness(recipe, 1));
    }

    [Fact]
    public void A_cycle_that_rises_beyond_the_run_has_no_warm_up_to_shorten_but_an_end()
    {
        var recipe = SmallRun.Recipe with
        {
            Optimiser = new() { Rate = new LearningRate.OneCycle(1e-3, 0.4, 100) },
            Length = SmallRun.Recipe.Length with { Steps = 20 },
        };
        var advice = LearningRateAdvice.Idleness(recipe)!;
        Assert.EndsWith("; --set optimiser.rate.total=20 lets it end with the run", advice, StringComparison.Ordinal);
        Assert.Null(LearningRateAdvice.Idleness(RecipeChanges.Apply(recipe, [new("optimiser.rate.total", "20")])));
    }

    [Fact]
    public void Fewer_steps_than_were_made_are_refused()
    {
        Assert.Equal($"{_run.Folder}: found 6 steps done; expected fewer than the requested 4; --steps is the total of the whole run",
            _run.Refusal("--steps", "4"));
        Assert.Equal(6, RecipeFile.Read(_run.Place["run/recipe.json"]).Length.Steps);
    }

    [Fact]
    public void A_run_that_is_complete_says_how_it_is_made_longer()
    {
        var line = Assert.Single(
            _run.GoOn().Split('\n'), line => line.StartsWith("all 6 steps are done; to train longer: ", StringComparison.Ordinal));
        _run.Succeeds(SmallRun.Pasted(line));
        Assert.Equal("12", _run.Column("step").Last());
    }
}
