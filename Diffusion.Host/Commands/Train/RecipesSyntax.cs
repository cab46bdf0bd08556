using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How recipes are looked at.</summary>
internal sealed class RecipesSyntax : CommandSyntax
{
    private readonly Cli.Argument<BuiltInRecipe> _recipe = Define.Argument("NAME", "recipe to print as JSON",
        new OneOf<BuiltInRecipe>([.. BuiltInRecipes.All.Select(recipe => (recipe.Name, recipe))]));

    private readonly Cli.Option<Preset?> _preset = Define.Option("--preset", "quick|paper",
        "size of the recipe (default: quick)", new OneOf<Preset?>(("quick", Preset.Quick), ("paper", Preset.Paper)));

    private readonly Cli.Option<bool> _schema = Define.Flag("--schema",
        $"print the JSON Schema of recipes; as {RecipeFile.SchemaName} beside a recipe, editors use it");

    /// <summary>The command <c>recipes</c>.</summary>
    public RecipesSyntax()
        : base("recipes", "Lists the built-in recipes, or prints one as JSON.")
    {
        _recipe.Arity = Cli.ArgumentArity.ZeroOrOne;
        Arguments.Add(_recipe);
        Take(_preset, _schema);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("recipes", "list the built-in recipes"),
        new("recipes cifar10 --preset paper", "every setting of a recipe, as JSON"),
        new("recipes --schema", $"the schema that recipes name; save it as {RecipeFile.SchemaName} beside yours"),
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        var isNamed = typed.GetValue(_recipe) is not null;
        if (typed.IsGiven(_schema) && isNamed)
            yield return $"{_schema.Name}: there is one schema for all recipes; omit {_recipe.Name}";
        if (typed.IsGiven(_preset) && !isNamed)
            yield return $"{_preset.Name}: requires {_recipe.Name}";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        typed.GetValue(_schema) ? new Command.ShowSchema()
        : typed.GetValue(_recipe) is { } recipe ? new Command.ShowRecipe(recipe.At(typed.GetValue(_preset) ?? Preset.Quick))
        : new Command.Recipes();
}
