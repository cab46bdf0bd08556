using Diffusion.Math.Training;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;

namespace Diffusion.Specs.Host;

/// <summary>Runs whose recipe or checkpoint was edited, and settings that are changed on purpose.</summary>
public sealed class EditedRecipeSpecs : IDisposable
{
    private readonly SmallRun _run = SmallRun.Complete();

    public void Dispose() => _run.Dispose();

    private void Edit(Func<Recipe, Recipe> edit)
    {
        var place = _run.Place["run/recipe.json"];
        File.WriteAllText(place, RecipeText.Write(edit(RecipeFile.Read(place))));
    }

    [Fact]
    public void A_recipe_that_was_edited_is_refused_until_the_change_is_asked_for()
    {
        Edit(recipe => recipe with { Optimiser = recipe.Optimiser with { Rate = new LearningRate.WarmUpCosine(5e-4, 1, 6) } });
        var refusal = _run.Refusal("--steps", "8");
        Assert.Contains("found optimiser.rate.peak = 0.0005, which is 0.001 in the run; expected that of the checkpoint of step 6", refusal,
            StringComparison.Ordinal);
        Assert.EndsWith("to change it, add --set optimiser.rate.peak=0.0005", refusal, StringComparison.Ordinal);
        var said = _run.GoOn("--steps", "8", "--set", "optimiser.rate.peak=0.0005");
        Assert.Contains("optimiser.rate.peak: 0.001 up to here, 0.0005 from now on", said, StringComparison.Ordinal);
        Assert.Equal(new LearningRate.WarmUpCosine(5e-4, 1, 8), _run.Last.Optimiser.Rate);
    }

    [Fact]
    public void An_edit_of_what_the_run_is_bound_to_is_refused_for_good()
    {
        Edit(recipe => recipe with { Seed = 4 });
        Assert.Contains("found seed = 4, which is 3 in the run; expected that of the checkpoint of step 6, to which the run is bound",
            _run.Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seed=4", "data order and report depend on it")]
    [InlineData("length.batch=2", "data order and report depend on it")]
    [InlineData("length.evaluateEvery.number=3", "data order and report depend on it")]
    [InlineData("network.blocksPerLevel=2", "the weights depend on it")]
    [InlineData("schedule=linear", "the weights depend on it")]
    [InlineData("ema.0.ceiling=0.9", "the weights depend on it")]
    public void What_a_run_is_bound_to_cannot_be_set(string change, string why)
    {
        var refusal = _run.Refusal("--set", change);
        Assert.StartsWith($"--set {change.Split('=')[0]}: found ", refusal, StringComparison.Ordinal);
        Assert.Contains(why, refusal, StringComparison.Ordinal);
        Assert.Equal("step-000000006", Path.GetFileName(Directory.GetDirectories(_run.Place["run/checkpoint"]).Max()));
    }

    [Fact]
    public void A_change_that_was_asked_for_outlives_a_run_that_is_killed_at_once()
    {
        _run.GoOn("--set", "evaluation.samples=3");
        Assert.Equal(3, _run.Last.Evaluation.Samples);
        _run.GoOn("--steps", "8");
        Assert.Equal(["2", "2", "2", "2"], _run.Column("samples"));
    }

    [Fact]
    public void A_setting_that_does_not_exist_is_named_as_ever()
    {
        Assert.Contains("there is no setting peek", _run.Refusal("--set", "optimiser.peek.x=1"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_that_is_gone_is_restored()
    {
        var text = File.ReadAllText(_run.Place["run/recipe.json"]);
        File.Delete(_run.Place["run/recipe.json"]);
        Assert.Contains("recipe.json is missing; restored from the checkpoint", _run.GoOn(), StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(_run.Place["run/recipe.json"]));
    }

    [Theory]
    [InlineData("\"updates\": 6", "\"updates\": 4")]
    [InlineData("\"seed\": 3", "\"seed\": 4")]
    [InlineData("\"threads\": 1", "\"threads\":  1")]
    public void An_edited_header_is_recognised(string before, string after)
    {
        var header = _run.Place["run/checkpoint/step-000000006/checkpoint.json"];
        File.WriteAllText(header, File.ReadAllText(header).Replace(before, after, StringComparison.Ordinal));
        Assert.Contains("its hash differs",
            Assert.Throws<InvalidFileException>(() => Checkpoint.Read(Path.GetDirectoryName(header)!)).Message, StringComparison.Ordinal);
        var said = _run.GoOn();
        Assert.Contains("its hash differs; using the previous checkpoint", said, StringComparison.Ordinal);
        Assert.Contains("resumed at step 4", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_of_the_first_format_is_still_read()
    {
        var header = _run.Place["run/checkpoint/step-000000006/checkpoint.json"];
        var saved = Checkpoint.ReadHeader(Path.GetDirectoryName(header)!);
        var old = System.Text.Json.Nodes.JsonNode.Parse(Diffusion.Math.Json.UnionJson.Write(saved with { Format = 1 }))!.AsObject();
        old.Remove("heldOut");
        old.Remove("sha256");
        File.WriteAllText(header, old.ToJsonString());
        Assert.Contains("resumed at step 6", _run.GoOn("--steps", "7"), StringComparison.Ordinal);
    }
}
