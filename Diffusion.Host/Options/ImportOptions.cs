using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Interchange.Checkpoints;
using Diffusion.Model.Recipes;

namespace Diffusion.Host.Options;

/// <summary>What a person says of a file of weights.</summary>
public sealed record ImportOptions
{
    private static readonly ImportOptions Nothing = new();

    /// <summary>Where the recipe of its model comes from; null where the file says it.</summary>
    public RecipeSource? Recipe { get; init; }

    /// <summary>Which variant of a recipe that the program carries; null for quick.</summary>
    public Preset? Preset { get; init; }

    /// <summary>Which published model it is.</summary>
    public KnownModel? As { get; init; }

    /// <summary>Settings that differ.</summary>
    public Sequence<RecipeChange> Changes { get; init; } = [];

    /// <summary>Whether anything was said.</summary>
    public bool IsGiven => this != Nothing;

    /// <summary>The same, with what the files hold that it names.</summary>
    /// <exception cref="RecipeException">There is no recipe.</exception>
    public ImportRequest Request => new()
    {
        As = As,
        Changes = Changes,
        Recipe = Recipe switch
        {
            RecipeSource.BuiltIn named => (BuiltInRecipes.Find(named.Name)
                ?? throw new InputException("--recipe", named.Name, "the name of a recipe")).At(Preset ?? Model.Recipes.Preset.Quick),
            RecipeSource.File file => RecipeFile.Read(file.Path),
            _ => null,
        },
    };
}
