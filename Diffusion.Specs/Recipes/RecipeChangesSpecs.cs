using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;

namespace Diffusion.Specs.Recipes;

public sealed class RecipeChangesSpecs
{
    private static readonly Recipe Start = BuiltInRecipes.Cifar10.Paper;

    private static Recipe Changed(params string[] changes) => RecipeChanges.Apply(Start, changes.Select(Change).ToSequence());

    private static RecipeChange Change(string text) => new(text.Split('=', 2)[0], text.Split('=', 2)[1]);

    private static string Refusal(params string[] changes) => Assert.Throws<RecipeException>(() => Changed(changes)).Message;

    [Fact]
    public void No_change_changes_nothing() => Assert.Same(Start, Changed());

    [Fact]
    public void A_number_deep_inside_is_changed() =>
        Assert.Equal(Start
            with { Optimiser = Start.Optimiser with { Rate = new LearningRate.WarmUp(1e-4, 5000) } }, Changed("optimiser.rate.peak=1e-4"));

    [Fact]
    public void A_number_for_a_union_is_its_first_number() =>
        Assert.Equal(Changed("optimiser.rate.peak=1e-4"), Changed("optimiser.rate=1e-4"));

    [Fact]
    public void A_word_for_a_union_is_one_of_its_cases_with_its_defaults()
    {
        Assert.Equal(Start with { Prediction = new Prediction.Velocity() }, Changed("prediction=velocity"));
        Assert.Equal(Start with { Schedule = new NoiseSchedule.Cosine() }, Changed("schedule=cosine"));
        Assert.Equal(Changed("schedule=cosine"), Changed("schedule.kind=cosine"));
    }

    [Theory]
    [InlineData("mnist", "schedule=linear", "--set schedule=linear keeps prediction=flow and noiseLevels=lowDiscrepancy, which belong to "
        + "another method; usual with it: --set prediction=noise --set noiseLevels=uniformTime")]
    [InlineData("mnist", "prediction=noise", "--set prediction=noise keeps schedule=rectifiedFlow, which belongs to another method; usual "
        + "with it: --set schedule=linear")]
    [InlineData("mnist", "schedule=linear prediction=noise noiseLevels=uniformTime", null)]
    [InlineData("mnist-ddpm", "schedule=linear", null)]
    [InlineData("mnist-ddpm", "prediction=velocity", null)]
    [InlineData("mnist-ddpm", "schedule.kind=edm evaluation.spacing=karras", "--set schedule.kind=edm keeps prediction=velocity, which "
        + "belongs to another method; usual with it: --set prediction=preconditioned")]
    [InlineData("mnist", "optimiser.rate=1e-3", null)]
    public void What_a_change_keeps_of_another_method_is_said(string name, string changes, string? advice)
    {
        var asked = changes.Split(' ').Select(Change).ToSequence();
        Assert.Equal(advice, PredictionAdvice.Of(RecipeChanges.Apply(BuiltInRecipes.Find(name)!.Quick, asked), asked));
    }

    [Fact]
    public void A_case_without_defaults_is_built_up_step_by_step() =>
        Assert.Equal(
            Start with { Evaluation = Start.Evaluation with { Spacing = new TimestepSpacing.Trailing(50) } },
            Changed("evaluation.spacing=trailing", "evaluation.spacing.count=50"));

    [Fact]
    public void Another_kind_keeps_what_it_needs_and_the_one_before_had()
    {
        var flow = RecipeChanges.Apply(
            BuiltInRecipes.MnistDdpm.Quick, [new("schedule", "flow"), new("prediction.kind", "flow"), new("evaluation.spacing", "uniform"),
                new("evaluation.sampler", "euler")]);
        Assert.Equal(new TimestepSpacing.Uniform(50), flow.Evaluation.Spacing);
        var rate = new LearningRate.WarmUpCosine(1e-3, 7, 90);
        var cosine = Start with { Optimiser = Start.Optimiser with { Rate = rate } };
        Assert.Equal(
            new LearningRate.WarmUp(1e-3, 7), RecipeChanges.Apply(cosine, [new("optimiser.rate.kind", "warmUp")]).Optimiser.Rate);
        Assert.Equal(
            "--set evaluation.sampler=ddim --set evaluation.sampler=ancestral: evaluation.sampler lacks the field \"variance\", such as "
                + "\"small\": --set evaluation.sampler.variance=small",
            Assert.Throws<RecipeException>(() => RecipeChanges.Apply(
                Start with { Evaluation = Start.Evaluation with { Sampler = new Sampler.Euler(new Clipping.None()) } },
                [new("evaluation.sampler", "ddim"), new("evaluation.sampler", "ancestral")])).Message);
    }

    [Fact]
    public void A_schedule_may_be_named_by_its_file()
    {
        using var place = new Data.TemporaryFolder();
        File.WriteAllText(place["mine.json"], """{ "kind": "cosine", "count": 500 }""");
        Assert.Equal(Start with { Schedule = new NoiseSchedule.Cosine(500) }, Changed($"schedule={place["mine.json"]}"));
        Assert.Contains("none.json: no file that can be read", Refusal("schedule=none.json"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_object_can_be_given_as_json() =>
        Assert.Equal(
            Start with { Evaluation = Start.Evaluation with { Sampler = new Sampler.Euler(new Clipping.None()) } },
            Changed("""evaluation.sampler={"kind":"euler","clipping":{"kind":"none"}}"""));

    [Fact]
    public void An_item_of_a_list_has_its_number()
    {
        Assert.Equal(Start with { Ema = [new EmaDecay.Constant(0.99)] }, Changed("ema.0.decay=0.99"));
        Assert.Equal(Changed("ema.0.decay=0.99"), Changed("ema.0=0.99"));
    }

    [Theory]
    [InlineData("variance.kind=learnedRange")]
    [InlineData("variance=learnedRange")]
    public void A_setting_that_is_null_is_chosen_by_its_kind(string change) =>
        Assert.Equal(
            Start with { Objective = new Objective.Hybrid(), Variance = new Variance.LearnedRange(),
                Network = Start.Network with { OutputChannels = 6 } },
            Changed(change, "objective=hybrid", "network.outputChannels=6"));

    [Fact]
    public void What_lies_inside_a_setting_that_is_null_is_said_to_be_so() =>
        Assert.Equal(
            "--set variance.range.low: variance is null in this recipe; choose it first, as a whole", Refusal("variance.range.low=1"));

    [Fact]
    public void Labels_of_a_recipe_without_are_referred_to_the_option_that_counts_them() =>
        Assert.Equal(
            "--set network.labels.classes: the recipe is without labels; --labels makes the model class-conditional and counts the "
                + "classes of the images",
            Refusal("network.labels.classes=2"));

    [Fact]
    public void A_setting_that_was_left_open_can_be_set_and_taken_back()
    {
        var set = Changed("network.headChannels=64");
        Assert.Equal(64, set.Network.HeadChannels);
        Assert.Equal(Start, RecipeChanges.Apply(set, [new("network.headChannels", "null")]));
    }

    [Fact]
    public void Changes_are_made_in_order() => Assert.Equal(7, Changed("length.steps=3", "length.steps=7").Length.Steps);

    [Theory]
    [InlineData("optimizer.rate=1e-4", "--set optimizer.rate: there is no setting optimizer; did you mean optimiser?")]
    [InlineData("optimiser.rat.peak=1", "--set optimiser.rat.peak: there is no setting rat; did you mean rate?")]
    [InlineData("seed.low=1", "--set seed.low: there is no setting low; it is a single value")]
    [InlineData("ema.1.decay=0.9", "--set ema.1.decay: there is no setting 1; did you mean 0?")]
    [InlineData("ema.first=0.9", "--set ema.first: there is no setting first; known are 0")]
    public void A_path_that_leads_nowhere_is_named(string change, string message) => Assert.Equal(message, Refusal(change));

    [Theory]
    [InlineData("sead=1", "unknown field \"sead\"", "\"seed\"")]
    [InlineData("optimiser.rate.peek=1", "optimiser.rate has an unknown field \"peek\"", "\"peak\"")]
    [InlineData("optimiser.rate.peak=fast", "optimiser.rate.peak is \"fast\"; it must be a finite number")]
    [InlineData("optimiser.rate.peak=-1", "optimiser.rate.peak is -1; it must be finite and above 0")]
    [InlineData("length.steps=0", "length.steps is 0; it must be at least 1")]
    [InlineData("length.steps=1.5", "length.steps is 1.5; it must be a whole number")]
    [InlineData("prediction=speed", "prediction.kind is \"speed\"", "\"velocity\"")]
    [InlineData("evaluation.spacing=trailing",
        "evaluation.spacing lacks the field \"count\", a whole number: --set evaluation.spacing.count=N")]
    [InlineData("evaluation.sampler={\"kind\":\"ancestral\",\"clipping\":\"none\"}",
        "evaluation.sampler lacks the field \"variance\", such as \"small\"")]
    [InlineData("schedule={\"kind\":\"explicitBetas\",\"given\":[-0.1]}", "schedule.given is -0.1; it must be in the open interval (0, 1)")]
    [InlineData("schedule=cosin",
        "schedule.kind is \"cosin\"; it must be one of \"constant\", \"cosine\", \"edm\", \"flow\", ", "; did you mean cosine?")]
    [InlineData("data.augmentation=mirror", "data.augmentation is \"mirror\"")]
    [InlineData("name=5", "name is 5; it must be a text")]
    public void A_value_that_does_not_fit_is_named_with_what_would(string change, params string[] said)
    {
        var message = Refusal(change);
        Assert.StartsWith($"--set {change}: ", message, StringComparison.Ordinal);
        Assert.All(said, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain('$', message);
    }

    [Theory]
    [InlineData("data.size=64", "data: only the images of a folder are scaled")]
    [InlineData("labels=labelled", "labels are labelled, but the network has no labels")]
    [InlineData("""schedule={"kind":"zeroTerminalSnr","base":{"kind":"linear"}}""", "prediction: At ")]
    [InlineData("schedule=edm",
        "evaluation.spacing: all needs a schedule of discrete timesteps; edm is continuous: --set evaluation.spacing=uniform")]
    [InlineData("network.residual.groups=48", "network: 128 channels cannot be normalised in 48 groups")]
    [InlineData("""evaluation.spacing={"kind":"trailing","count":1001}""",
        "evaluation.spacing: 1001 steps do not fit a schedule of 1000 levels")]
    public void Settings_that_do_not_fit_together_are_named(string change, string said) =>
        Assert.Contains(said, Refusal(change), StringComparison.Ordinal);

    [Theory]
    [InlineData("{", "recipe.json: ")]
    [InlineData("[]", "recipe.json: the recipe is []; it must be an object")]
    [InlineData("""{ "name": "x" }""", "recipe.json: the recipe lacks the field ")]
    public void A_text_that_is_no_recipe_is_refused_in_one_line(string text, string said)
    {
        var message = Assert.Throws<RecipeException>(() => RecipeText.Read(text, "recipe.json")).Message;
        Assert.StartsWith(said, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.StartsWith("none.json: no file that can be read", Assert.Throws<RecipeException>(() => RecipeFile.Read("none.json")).Message,
            StringComparison.Ordinal);
}
