using System.Text.Json;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Math.Json;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Specs.Values;

namespace Diffusion.Specs.Recipes;

public sealed class BuiltInRecipeSpecs
{
    public static TheoryData<string, Preset> EveryRecipe
    {
        get
        {
            var all = new TheoryData<string, Preset>();
            foreach (var recipe in BuiltInRecipes.All)
                foreach (var preset in Enum.GetValues<Preset>())
                    all.Add(recipe.Name, preset);
            return all;
        }
    }

    private static Recipe Named(string name, Preset preset) => BuiltInRecipes.Find(name)!.At(preset);

    [Theory]
    [MemberData(nameof(EveryRecipe))]
    public void A_recipe_is_called_what_it_is_asked_for_by(string name, Preset preset) => Assert.Equal(name, Named(name, preset).Name);

    [Fact]
    public void An_unknown_name_finds_no_recipe() => Assert.Null(BuiltInRecipes.Find("imagenet"));

    [Theory]
    [MemberData(nameof(EveryRecipe))]
    public void A_recipe_fits_together(string name, Preset preset) => Assert.Empty(RecipeValidation.Of(Named(name, preset)));

    [Theory]
    [MemberData(nameof(EveryRecipe))]
    public void A_recipe_survives_its_text(string name, Preset preset) =>
        Assert.Equal(Named(name, preset), RecipeText.Read(RecipeText.Write(Named(name, preset)), "text"));

    [Theory]
    [MemberData(nameof(EveryRecipe))]
    public void A_recipe_is_what_the_schema_describes(string name, Preset preset)
    {
        using var schema = JsonDocument.Parse(UnionSchema.Of<Recipe>());
        using var text = JsonDocument.Parse(RecipeText.Write(Named(name, preset)));
        Assert.True(new SchemaCheck(schema.RootElement).Accepts(text.RootElement));
    }

    [Fact]
    public void The_published_schema_is_that_of_this_version()
    {
        var published = Path.Combine(Repository.Root, "docs", "recipe.schema.json");
        if (DescribedSchema.Of(RecipeText.Structure()) is not { } schema)
        {
            // Built without documentation.
            Assert.Equal(DescribedSchema.Bare(RecipeText.Structure()), DescribedSchema.Bare(RecipeText.Schema()));
            return;
        }
        if (Golden.Project.OnDifference == OnDifference.Accept)
            File.WriteAllText(published, schema);
        Assert.True(File.ReadAllText(published) == schema, "DIFFUSION_ACCEPT=1 writes docs/recipe.schema.json anew, for the next build.");
        Assert.True(
            Golden.Project.OnDifference == OnDifference.Accept || RecipeText.Schema() == schema, "The next build takes the schema in.");
    }

    [Fact]
    public void Every_setting_is_explained_in_the_schema()
    {
        if (DescribedSchema.Of(RecipeText.Structure()) is { } schema)
            Assert.Empty(DescribedSchema.Unexplained(schema));
    }

    [Fact]
    public void The_paper_recipe_is_that_of_the_paper()
    {
        var recipe = Named("cifar10", Preset.Paper);
        Assert.Equal(UNetShape.Paper, recipe.Network);
        Assert.Equal((800_000, 128), (recipe.Length.Steps, recipe.Length.Batch));
        Assert.Equal(50_000, recipe.Evaluation.FinalSamples);
    }

    [Fact]
    public void Recipes_are_listed_with_what_they_are() => Golden.Project.Text(Output("recipes"), "Recipes");

    [Fact]
    public void A_recipe_that_is_printed_can_be_read_back() =>
        Assert.Equal(Named("cifar10", Preset.Paper), RecipeText.Read(Output("recipes cifar10 --preset paper"), "output"));

    [Fact]
    public void A_recipe_for_a_script_is_one_line() =>
        Assert.Equal(
            Named("mnist", Preset.Quick), RecipeText.Read(Assert.Single(Output("recipes mnist --json").TrimEnd().Split('\n')), "output"));

    private static string Output(string line)
    {
        var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(
            ExitCode.Success, CommandLineApp.Run(line.Split(' '), new(output, TextWriter.Null, Display.Plain), CancellationToken.None));
        return output.ToString();
    }
}
