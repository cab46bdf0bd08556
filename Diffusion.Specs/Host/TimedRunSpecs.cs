using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Training;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Specs.Host;

/// <summary>Runs of a given time: what is planned for it, what is refused, and what is left in the run folder.</summary>
public sealed class TimedRunSpecs : IDisposable
{
    private const long Images = 60_000;
    private static readonly RunCosts Usual = new(0.05, 0.03, 0.5);

    private readonly SmallRun _run = new();

    public void Dispose() => _run.Dispose();

    private static Recipe Quick(bool classifies) => (classifies ? BuiltInRecipes.MnistClassifier : BuiltInRecipes.Mnist).Quick;

    // The step at which the rate is 0.
    private static long Ending(Recipe recipe) => recipe.Optimiser.Rate switch
    {
        LearningRate.OneCycle cycle => cycle.Total,
        LearningRate.WarmUpCosine cosine => cosine.Total,
        var other => throw new InvalidOperationException($"{other} has no end."),
    };

    private static RunCosts Costs(NormalFloat step, NormalFloat sample) => new(
        1e-4 + Abs(step.Get % 1), Abs(sample.Get % 1), 0.5);

    private static TimeBudget Minutes(double minutes, int samplings = 0) => new(TimeSpan.FromMinutes(minutes)) { Samplings = samplings };

    [Property]
    public void A_plan_ends_within_the_time_and_its_rate_with_the_run(
        NormalFloat step, NormalFloat sample, PositiveInt tenths, bool classifies, bool sweeps)
    {
        var (costs, recipe, budget) = (Costs(step, sample), Quick(classifies), Minutes(tenths.Get / 10.0, sweeps ? 8 : 0));
        if (budget.Plan(recipe, Images, costs, []) is not { } plan)
        {
            Assert.True(budget.Least(recipe, Images, costs, []).Time > budget.Whole);
            return;
        }
        var steps = plan.Recipe.Length.Steps;
        Assert.True(plan.Total + budget.Reserve <= budget.Whole + TimeSpan.FromMilliseconds(1));
        Assert.True(steps >= TimeBudget.LeastSteps);
        Assert.Equal(steps, Ending(plan.Recipe));
        Assert.True(2 * plan.Recipe.Optimiser.Rate.StepsOfWarmup() <= steps);
        Assert.InRange(plan.Forecast.Evaluations, 1, steps / TimeBudget.LeastSteps);
        Assert.Equal(new EvaluationSchedule(plan.Recipe.Length, Images).Count, plan.Forecast.Evaluations);
        // Everything else is the recipe's.
        Assert.Equal(recipe, plan.Recipe with { Length = recipe.Length, Optimiser = recipe.Optimiser, Evaluation = recipe.Evaluation });
    }

    [Property]
    public void More_time_is_never_fewer_steps(NormalFloat step, NormalFloat sample, PositiveInt tenths, PositiveInt more)
    {
        var (costs, recipe) = (Costs(step, sample), Quick(false));
        long Steps(int time) => Minutes(time / 10.0).Plan(recipe, Images, costs, [])?.Recipe.Length.Steps ?? 0;
        Assert.True(Steps(tenths.Get) <= Steps(tenths.Get + more.Get));
    }

    [Property]
    public void The_least_time_suffices_and_less_does_not(NormalFloat step, NormalFloat sample, bool sweeps)
    {
        var (costs, recipe) = (Costs(step, sample), Quick(false));
        var least = Minutes(1, sweeps ? 8 : 0).Least(recipe, Images, costs, []).Time;
        TimeBudget Given(TimeSpan time) => new(time) { Samplings = sweeps ? 8 : 0 };
        Assert.NotNull(Given(least * 1.001).Plan(recipe, Images, costs, []));
        Assert.Null(Given(least * 0.999).Plan(recipe, Images, costs, []));
    }

    [Fact]
    public void Five_minutes_of_digits_are_filled_by_steps_and_some_evaluations()
    {
        var plan = Minutes(5).Plan(Quick(false), Images, Usual, [])!;
        Assert.Equal("4,150 steps of 32 images (50 ms each), 8 evaluations of 256 samples and 1,024 in the last", plan.Text);
        Assert.InRange(plan.Total, TimeSpan.FromSeconds(270), TimeSpan.FromSeconds(300));
    }

    [Fact]
    public void A_long_time_has_an_evaluation_and_with_it_a_checkpoint_every_quarter_of_an_hour()
    {
        var plan = Minutes(600).Plan(Quick(false), Images, Usual, [])!;
        Assert.InRange(plan.Forecast.Training / plan.Forecast.Evaluations, TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(17));
    }

    [Fact]
    public void A_short_time_draws_fewer_samples_but_64_at_least()
    {
        var plan = Minutes(0.5).Plan(Quick(false), Images, Usual, [])!;
        Assert.InRange(plan.Recipe.Evaluation.CountAt(1, plan.Recipe.Length), 64, 100);
        Assert.InRange(plan.Recipe.Evaluation.CountAt(plan.Recipe.Length.Steps, plan.Recipe.Length), 64, 300);
    }

    [Property]
    public void A_run_whose_steps_end_in_time_stays_and_another_is_cut_to_fit_it(NormalFloat step, PositiveInt tenths, bool classifies)
    {
        var (perStep, recipe, time) = (1e-4 + Abs(step.Get % 1), Quick(classifies), TimeSpan.FromMinutes(tenths.Get / 10.0));
        var within = TimeBudget.Within(recipe, time, perStep, []);
        var steps = within.Length.Steps;
        if (recipe.Length.Steps * perStep <= time.TotalSeconds * 0.99)
            Assert.Equal(recipe, within);
        Assert.True(steps == TimeBudget.LeastSteps || steps * perStep <= time.TotalSeconds + perStep);
        Assert.True(steps == recipe.Length.Steps || (steps + 1) * perStep > time.TotalSeconds * 0.98);
        Assert.Equal(steps, Ending(within));
        // As many samples as before, however short it is.
        Assert.Equal(recipe.Evaluation.CountAt(recipe.Length.Steps, recipe.Length), within.Evaluation.CountAt(steps, within.Length));
        Assert.Equal(recipe, within with { Length = recipe.Length, Optimiser = recipe.Optimiser, Evaluation = recipe.Evaluation });
    }

    [Theory]
    [InlineData("")]
    [InlineData("--steps 90")]
    public void A_built_in_recipe_keeps_its_minutes_on_a_slow_machine_unless_a_length_was_asked_for(string length)
    {
        var said = new StringWriter { NewLine = "\n" };
        (Parsed(["mnist", "--dry-run", "--offline", "--device", "cpu", "--threads", "1", "--set", "precision=float32",
            "--set", $"network.levels=[{TrainingProcess.Level}]", "--set", "network.residual.groups=4",
            .. length.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
            with { Costs = new(10, 1, 1) }).Run(
                new(new(TextWriter.Null, said, Display.Plain), Verbosity.Normal, ResultForm.Text, CancellationToken.None));
        var steps = Quick(false).Length.Steps;
        if (length.Length > 0)
            Assert.DoesNotContain("to train for", said.ToString(), StringComparison.Ordinal);
        else
            Assert.Contains($"images/s here: 30 steps instead of {steps:N0}, to train for 5 minutes; the samples will be worse; " +
                $"--steps {steps} trains them all, in about ", said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_asked_for_stays()
    {
        Sequence<RecipeChange> asked =
        [
            new("evaluation.samples", "500"), new("evaluation.finalSamples", "500"), new("length.evaluateEvery.number", "700"),
            new("optimiser.rate.total", "99"),
        ];
        var recipe = RecipeChanges.Apply(
            Quick(false) with { Length = Quick(false).Length with { EvaluateEvery = new EvaluationInterval.Steps(9) } }, asked);
        var plan = Minutes(5).Plan(recipe, Images, Usual, asked)!.Recipe;
        Assert.Equal((recipe.Evaluation, recipe.Optimiser), (plan.Evaluation, plan.Optimiser));
        Assert.Equal(recipe.Length with { Steps = plan.Length.Steps }, plan.Length);
    }

    [Fact]
    public void The_recipe_of_a_timed_run_holds_numbers_alone_and_repeats_and_resumes_exactly()
    {
        File.WriteAllText(_run.Place["recipe.json"], RecipeText.Write(SmallRun.Recipe));
        string[] Words(string run) => ["train", _run.Place["recipe.json"], "--data", _run.Place["photos"],
            "--out", Path.Combine(_run.Place.Path, run), "--threads", "1", "--device", "cpu"];
        var timed = Parsed([.. Words("run"), "--minutes", "1"]) with { Costs = new(2, 0.5, 0.5), Clock = new HandClock() };
        var said = new StringWriter { NewLine = "\n" };
        timed.Run(new(new(TextWriter.Null, said, Display.Plain), Verbosity.Normal, ResultForm.Text, CancellationToken.None));
        var recipe = RecipeFile.Read(_run.Place["run/recipe.json"]);
        var steps = recipe.Length.Steps;
        Assert.InRange(steps, TimeBudget.LeastSteps, 29);
        Assert.StartsWith($"1 minute: {steps} steps of 3 images (2000 ms each), 1 evaluation of 2 samples, 1.6 s in reserve; ends about ",
            said.ToString(), StringComparison.Ordinal);
        Assert.Contains($"set for it: optimiser.rate.total {steps} (6 in the recipe), length.steps {steps} (6 in the recipe), ",
            said.ToString(), StringComparison.Ordinal);
        Assert.Contains($"length.evaluateEvery.number {steps} (2 in the recipe)", said.ToString(), StringComparison.Ordinal);
        Assert.Equal(steps, ((LearningRate.WarmUpCosine)recipe.Optimiser.Rate).Total);
        Assert.Equal([$"{steps}"], _run.Column("step"));
        Assert.Contains($"all {steps} steps are done", _run.GoOn(), StringComparison.Ordinal);

        File.Copy(_run.Place["run/recipe.json"], _run.Place["recipe.json"], overwrite: true);
        _run.Succeeds(Words("again"));
        Assert.Equal(recipe, RecipeFile.Read(_run.Place["again/recipe.json"]));
        string Weights(string run) => Checkpoint.Read(_run.Place[$"{run}/checkpoint/step-{steps:D9}"]).Files
            .First(file => file.Name == "weights.safetensors").Sha256;
        Assert.Equal(Weights("run"), Weights("again"));
    }

    [Fact]
    public void The_distance_that_measured_trainings_promise_is_said_beforehand()
    {
        var said = new StringWriter { NewLine = "\n" };
        Session session = new(new(TextWriter.Null, said, Display.Plain), Verbosity.Normal, ResultForm.Text, CancellationToken.None);
        using var data = Dataset.Cifar10.Sample();
        var recipe = BuiltInRecipes.Cifar10.Quick;
        TimedRecipe Timed(Recipe of) => new(of, data, new() { Device = TorchSharp.torch.CPU }) { Costs = new(0.4, 0.05, 0.5) };
        var (planned, time) = Timed(recipe).Planned(session, Minutes(5));
        Assert.InRange(time.Whole, TimeSpan.FromMinutes(4.9), TimeSpan.FromMinutes(5));
        var fit = MeasuredTrainings.VariantsOf(recipe).Single(variant => variant.Changes.Count == 0).Fit;
        var expected = fit.At(planned.Length.Steps * planned.Length.Batch)!;
        Assert.Contains($"expected at the end: fd_cifarnet about {expected.Text}, from {fit.Count} measured trainings\n", said.ToString(),
            StringComparison.Ordinal);
        said.GetStringBuilder().Clear();
        Timed(recipe with { Network = recipe.Network with { Patch = 4 } }).Planned(session, Minutes(10));
        Assert.DoesNotContain("expected", said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_warm_up_that_would_last_for_most_of_the_run_is_a_tenth_of_it_unless_it_was_asked_for()
    {
        var quick = BuiltInRecipes.Mnist.Quick;
        var recipe = quick with { Optimiser = quick.Optimiser with { Rate = new LearningRate.WarmUpCosine(4e-3, 100, 2400) } };
        RunCosts costs = new(1, 0.01, 0.5);
        int WarmUp(double minutes, params RecipeChange[] asked) =>
            Minutes(minutes).Plan(recipe, Images, costs, asked.ToSequence())!.Recipe.Optimiser.Rate.StepsOfWarmup();
        var steps = Minutes(2).Plan(recipe, Images, costs, [])!.Recipe.Length.Steps;
        Assert.InRange(steps, 20, 199);
        Assert.Equal(steps / 10, WarmUp(2));
        Assert.Equal(100, WarmUp(2, new RecipeChange("optimiser.rate.warmup", "100")));
        Assert.Equal(100, WarmUp(60));
    }

    [Fact]
    public void Another_width_is_chosen_only_where_a_distance_is_expected_of_both_and_less_of_it()
    {
        ExpectedDistance Of(double value) => new(value, value / 2, value * 2);
        Assert.Equal(0, TimedRecipe.Best([null]));
        Assert.Equal(0, TimedRecipe.Best([null, Of(1)]));
        Assert.Equal(0, TimedRecipe.Best([Of(2), null]));
        Assert.Equal(0, TimedRecipe.Best([Of(2), Of(3)]));
        Assert.Equal(2, TimedRecipe.Best([Of(2), Of(1.5), Of(1), null]));
    }

    [Fact]
    public void A_time_that_suffices_for_nothing_is_refused_with_the_least_that_does()
    {
        File.WriteAllText(_run.Place["recipe.json"], RecipeText.Write(SmallRun.Recipe));
        Assert.Matches(@"^--minutes: found 0\.001; expected at least [\d.]+ here, for 20 steps and an evaluation of 2 samples", _run.Fails(
            "train", _run.Place["recipe.json"], "--data", _run.Place["photos"], "--out", Path.Combine(_run.Place.Path, "run"),
            "--device", "cpu", "--threads", "1", "--minutes", "0.001"));
        Assert.False(Directory.Exists(Path.Combine(_run.Place.Path, "run")));
    }

    [Theory]
    [InlineData("mnist --minutes 5 --steps 9", "--minutes: decides the number of steps; omit --steps")]
    [InlineData("cifar10 --minutes 5 --epochs 9", "--minutes: decides the number of steps; omit --epochs")]
    [InlineData("train mnist --minutes 5 --set length.steps=9", "--minutes: decides the number of steps; omit --set length.steps")]
    [InlineData("mnist-cfg --resume runs/a --minutes 5",
        "--minutes: a resumed run keeps its length; to train longer: diffusion mnist-cfg --resume runs/a --steps N")]
    [InlineData("mnist --minutes 0", "--minutes: 0 is not a number from 0.001 to 100000")]
    [InlineData("mnist --minutes NaN", "--minutes: NaN is not a number from 0.001 to 100000")]
    [InlineData("mnist --minutes 1e9", "--minutes: 1e9 is not a number from 0.001 to 100000")]
    [InlineData("mnist --minutes=-1", "--minutes: -1 is not a number from 0.001 to 100000")]
    public void What_contradicts_a_time_is_refused(string line, string reason) =>
        Assert.Contains(reason, Assert.IsType<ParsedLine.Refused>(CommandParser.Parse(line.Split(' '))).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData("0.5")]
    [InlineData("5")]
    public void Fractions_of_a_minute_are_a_time(string minutes) => Assert.Equal(
        TimeSpan.FromMinutes(double.Parse(minutes, System.Globalization.CultureInfo.InvariantCulture)),
        Parsed(["mnist", "--minutes", minutes]).Options.Time);

    private static Command.Train Parsed(string[] words) =>
        Assert.IsType<Command.Train>(Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse(words)).Command);
}
