using Diffusion.Host.Commands;
using Diffusion.Model.Recipes;

namespace Diffusion.Specs.Recipes;

/// <summary>A short run does not sample longer than it trains.</summary>
public sealed class ShortRunSpecs
{
    private static readonly EvaluationRecipe Evaluation = new() { Samples = 256, FinalSamples = 1024, FullSamplesFrom = 2400 };

    private static LengthRecipe Length(long steps) => new() { Steps = steps, Batch = 32 };

    [Theory]
    [InlineData(2400, 256, 1024)]
    [InlineData(9000, 256, 1024)]
    [InlineData(1200, 128, 512)]
    [InlineData(200, 64, 86)]
    [InlineData(20, 64, 64)]
    public void Samples_shrink_with_the_run_but_not_below_64(int steps, int samples, int final)
    {
        Assert.Equal((samples, final), (Evaluation.CountAt(1, Length(steps)), Evaluation.CountAt(steps, Length(steps))));
        Assert.Equal(Min(samples, final), Evaluation.FewestIn(Length(steps)));
        Assert.Equal(steps < 2400, Evaluation.Shortening(Length(steps)) is not null);
    }

    [Fact]
    public void A_recipe_that_says_no_length_draws_all() =>
        Assert.Equal(1024, (Evaluation with { FullSamplesFrom = null }).CountAt(2, Length(2)));

    [Fact]
    public void Fewer_than_64_stay_as_few() =>
        Assert.Equal(16, (Evaluation with { FinalSamples = 16, GridImages = 4 }).CountAt(2, Length(2)));

    [Fact]
    public void Built_in_recipes_draw_all_samples_at_their_own_length() => Assert.All(
        BuiltInRecipes.All.SelectMany(recipe => new[] { recipe.Quick, recipe.Paper }).Where(recipe => recipe.Goal is Goal.Denoise),
        recipe =>
        {
            Assert.Equal(recipe.Length.Steps, recipe.Evaluation.FullSamplesFrom);
            Assert.Null(recipe.Evaluation.Shortening(recipe.Length));
            Assert.Equal(64, recipe.Evaluation.CountAt(10, recipe.Length with { Steps = 10 }));
        });

    [Theory]
    [InlineData("--samples 500", 500, 500, 64)]
    [InlineData("--samples 16", 16, 16, 16)]
    [InlineData("--set evaluation.finalSamples=300", 256, 300, 64)]
    [InlineData("--samples 16 --set evaluation.finalSamples=300", 16, 300, 16)]
    public void The_number_that_a_person_asks_for_is_drawn(string words, int samples, int final, int grid)
    {
        var line = Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse(["mnist", "--steps", "20", .. words.Split(' ')]));
        var changes = Assert.IsType<Command.Train>(line.Command).Options.Changes;
        var recipe = RecipeChanges.Apply(BuiltInRecipes.Mnist.Quick with { Length = Length(20) }, changes);
        Assert.Equal((samples, final, grid), (recipe.Evaluation.Samples, recipe.Evaluation.FinalSamples, recipe.Evaluation.GridImages));
        Assert.Equal(Max(final, grid), recipe.Evaluation.CountAt(20, recipe.Length));
        Assert.Null(recipe.Evaluation.Shortening(recipe.Length));
    }
}
