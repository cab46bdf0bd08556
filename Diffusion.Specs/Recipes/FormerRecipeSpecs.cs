using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Specs.Host;

namespace Diffusion.Specs.Recipes;

/// <summary>Recipes, checkpoints and reports that were written when recipes said no version.</summary>
public sealed class FormerRecipeSpecs
{
    private static readonly string Former = Path.Combine(Repository.Golden, "former");

    // The quick size of that time: on pixels, without labels, over discrete timesteps.
    private static readonly Recipe Digits = new()
    {
        Name = "mnist",
        Data = DataRecipe.Of(Dataset.Mnist) with { Sha256 = "9f011b4bcb5fcc65e472dde015e8b5115821768f82862a22f02464c613fc0e05" },
        Schedule = new NoiseSchedule.Cosine(),
        Prediction = new Prediction.Velocity(),
        Network = new UNetShape
        {
            InputChannels = 1,
            OutputChannels = 1,
            BlocksPerLevel = 1,
            Levels = [UNetLevel.Plain(32), UNetLevel.Plain(64), UNetLevel.Attending(64)],
        },
        Optimiser = new() { Rate = new LearningRate.WarmUpCosine(1e-3, 100, 2400) },
        Ema = [new EmaDecay.Ramp(0.998)],
        Length = new() { Steps = 2400, EvaluateEvery = new EvaluationInterval.Steps(400), Batch = 32 },
        Precision = Precision.Bfloat16,
        Evaluation = new()
        {
            Sampler = new Sampler.Ancestral(new Variance.Small(), new Clipping.Clip()),
            Spacing = new TimestepSpacing.Trailing(50),
        },
    };

    private static readonly Recipe Photographs = Digits with
    {
        Name = "cifar10",
        Data = DataRecipe.Of(Dataset.Cifar10) with { Sha256 = "be0ce35026587eac134c7b5437ed61ad2d540e9f3d7de8ecf33029b3dd5e6d63" },
        Network = Digits.Network with { InputChannels = 3, OutputChannels = 3 },
        Ema = [new EmaDecay.Ramp(0.998), new EmaDecay.PowerFunction(0.05), new EmaDecay.PowerFunction(0.1)],
    };

    private static Recipe Every(Recipe recipe, long steps) =>
        recipe with { Length = recipe.Length with { EvaluateEvery = new EvaluationInterval.Steps(steps) } };

    private static Recipe Longer(Recipe recipe, int steps) => recipe with
    {
        Length = recipe.Length with { Steps = steps },
        Optimiser = recipe.Optimiser with { Rate = recipe.Optimiser.Rate.Over(recipe.Length.Steps, steps) },
    };

    private static Recipe Expected(string name) => name switch
    {
        "mnist" => Digits,
        "mnist-cfg" => Longer(Every(RecipeVariation.Labelled(Digits, 10), 1000), 4000),
        "mnist-classifier" =>
            RecipeVariation.Classifying(Digits, 10, Every(Digits, 500).Length with { Steps = 2000 }) is var recipe
                ? recipe with { Evaluation = recipe.Evaluation with { Samples = 256 } } : recipe,
        "cifar10-hybrid" => RecipeVariation.Hybrid(Photographs),
        "cifar10-edm" => Every(BuiltInRecipes.Cifar10Edm.Paper, 5_000),
        _ => Photographs with
        {
            Name = "folder",
            Data = new() { Set = "folder", Size = 32, Augmentation = Augmentation.HorizontalFlips },
            Precision = Precision.Float32,
        },
    };

    // However short the run is.
    private static Recipe DrawingAll(Recipe recipe) => recipe with { Evaluation = recipe.Evaluation with { FullSamplesFrom = null } };

    [Theory]
    [InlineData("mnist")]
    [InlineData("mnist-cfg")]
    [InlineData("mnist-classifier")]
    [InlineData("cifar10-hybrid")]
    [InlineData("cifar10-edm")]
    [InlineData("folder")]
    public void A_recipe_of_version_1_is_the_value_that_it_was(string name) =>
        Assert.Equal(DrawingAll(Expected(name)), RecipeFile.Read(Path.Combine(Former, $"recipe-v1-{name}.json")));

    [Fact]
    public void A_recipe_says_its_version_first() =>
        Assert.StartsWith("{\n  \"version\": 2,\n  \"name\":", RecipeText.Write(BuiltInRecipes.Mnist.Quick), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"version\": 2", "\"version\": 3", "this program reads versions 1 and 2")]
    [InlineData("\"noiseLevels\"", "\"levels\"", "unknown field \"levels\"")]
    public void What_a_recipe_of_version_2_may_not_say(string before, string after, string why) => Assert.Contains(
        why,
        Assert.Throws<RecipeException>(() => RecipeText.Read(
            RecipeText.Write(BuiltInRecipes.Mnist.Quick).Replace(before, after, StringComparison.Ordinal), "recipe.json")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_recipe_may_name_its_schema() => Assert.Equal(
        BuiltInRecipes.Mnist.Quick,
        RecipeText.Read("{ \"$schema\": \"docs/recipe.schema.json\"," + RecipeText.Write(BuiltInRecipes.Mnist.Quick)[1..], "recipe.json"));

    [Fact]
    public void A_file_names_its_schema_which_changes_nothing_of_the_recipe()
    {
        var text = RecipeFile.Text(BuiltInRecipes.Mnist.Quick);
        Assert.StartsWith("{\n  \"$schema\": \"recipe.schema.json\",\n  \"version\": 2,", text, StringComparison.Ordinal);
        Assert.Equal(BuiltInRecipes.Mnist.Quick, RecipeText.Read(text, "recipe.json"));
        Assert.Empty(RecipeDifference.Between(BuiltInRecipes.Mnist.Quick, RecipeText.Read(text, "recipe.json")));
    }

    [Fact]
    public void The_recipe_of_a_run_folder_names_no_schema_since_there_is_none_beside_it()
    {
        using var written = new MemoryStream();
        RecipeFile.Write(written, BuiltInRecipes.Mnist.Quick);
        Assert.Equal(RecipeText.Write(BuiltInRecipes.Mnist.Quick), System.Text.Encoding.UTF8.GetString(written.ToArray()));
    }

    [Theory]
    [InlineData("averages.0=0.9", "ema.0=0.9")]
    [InlineData("levels={\"kind\":\"uniformTime\"}", "noiseLevels={\"kind\":\"uniformTime\"}")]
    [InlineData("data.side=8", "data.size=8")]
    [InlineData("evaluation.pictures=7", "evaluation.gridImages=7")]
    [InlineData("evaluation.grid.count=7", "evaluation.spacing.count=7")]
    [InlineData("evaluation.grid={\"kind\":\"latter\",\"share\":1}", "evaluation.spacing={\"kind\":\"last\",\"share\":1}")]
    [InlineData("evaluation.sampler.limit=none", "evaluation.sampler.clipping=none")]
    [InlineData(
        "evaluation.sampler={\"kind\":\"euler\",\"limit\":{\"kind\":\"none\"}}",
        "evaluation.sampler={\"kind\":\"euler\",\"clipping\":{\"kind\":\"none\"}}")]
    [InlineData("evaluation.sampler.ending=falling", "evaluation.sampler.ending=lowerOrderFinal")]
    [InlineData("evaluation.guidance.inner.strength=2", "evaluation.guidance.inner.w=2")]
    [InlineData("length.stepsPerEpoch=7", "length.evaluateEvery={\"kind\":\"steps\",\"number\":7}")]
    public void A_setting_may_be_named_as_it_was_with_a_note(string former, string now) =>
        Assert.Equal([$"--set {former} is now --set {now}"], RecipeChanges.Notes([Change(former)]));

    [Theory]
    [InlineData("ema.0=0.9")]
    [InlineData("network.levels.0.channels=8")]
    [InlineData("evaluation.spacing={ \"kind\": \"trailing\", \"count\": 5 }")]
    [InlineData("length.evaluateEvery=3")]
    public void A_setting_of_today_needs_none(string now) => Assert.Empty(RecipeChanges.Notes([Change(now)]));

    [Fact]
    public void A_change_by_a_former_name_is_made() => Assert.Equal(
        new EvaluationInterval.Steps(7),
        RecipeChanges.Apply(BuiltInRecipes.Mnist.Quick, [Change("length.stepsPerEpoch=7")]).Length.EvaluateEvery);

    [Fact]
    public void A_checkpoint_of_then_is_whole_and_its_run_goes_on_with_its_rows()
    {
        using var run = new SmallRun();
        var kept = Path.Combine(Former, "run-v1");
        foreach (var file in Directory.GetFiles(kept, "*", SearchOption.AllDirectories))
            File.Copy(file, run.Place[Path.Combine("run", Path.GetRelativePath(kept, file))]);
        Assert.Equal(RecipeFile.Read(run.Place["run/recipe.json"]), Checkpoint.Read(run.Place["run/checkpoint/step-000000005"]).Recipe);
        var said = run.GoOn("--steps", "6", "--data", run.Place["photos"]);
        Assert.Contains("resumed at step 5", said, StringComparison.Ordinal);
        Assert.DoesNotContain("restored", said, StringComparison.Ordinal);
        Assert.Equal([["2", "2"], ["4", "4"], ["5", "5"], ["6", "6"]], run.Report.Under(["epoch", "step"]).Rows);
        Assert.Contains("\"version\": 2", File.ReadAllText(run.Place["run/recipe.json"]), StringComparison.Ordinal);
    }

    private static RecipeChange Change(string text) => new(text.Split('=', 2)[0], text.Split('=', 2)[1]);
}
