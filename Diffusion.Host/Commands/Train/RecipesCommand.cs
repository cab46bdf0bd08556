using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Model.Recipes;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Lists the recipes that the program carries.</summary>
    public sealed record Recipes : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var width = BuiltInRecipes.All.Max(recipe => recipe.Name.Length);
            session.Answer(
                string.Join('\n', BuiltInRecipes.All.Select(recipe => $"{recipe.Name.PadRight(width)}  {recipe.Summary}")),
                new JsonObject(BuiltInRecipes.All.Select(recipe => KeyValuePair.Create(recipe.Name, (JsonNode?)recipe.Summary))));
            return ExitCode.Success;
        }
    }

    /// <summary>Prints a recipe as the JSON that <c>train</c> reads.</summary>
    /// <param name="Recipe">The recipe.</param>
    public sealed record ShowRecipe(Recipe Recipe) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var text = RecipeFile.Text(Recipe);
            session.AnswerAsIs(text, JsonNode.Parse(text)!.AsObject());
            return ExitCode.Success;
        }
    }

    /// <summary>Prints the JSON Schema of recipes.</summary>
    public sealed record ShowSchema : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var text = RecipeText.Schema();
            session.AnswerAsIs(text, JsonNode.Parse(text)!.AsObject());
            return ExitCode.Success;
        }
    }
}
