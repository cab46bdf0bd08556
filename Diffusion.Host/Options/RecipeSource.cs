using Diffusion.Math.Values;
using Diffusion.Model.Recipes;

namespace Diffusion.Host.Options;

/// <summary>Where a recipe comes from. A closed union.</summary>
public abstract record RecipeSource
{
    private RecipeSource()
    {
    }

    /// <summary>One that the program carries.</summary>
    /// <param name="Name">Such as <c>cifar10</c>.</param>
    public sealed record BuiltIn(string Name) : RecipeSource;

    /// <summary>A <c>recipe.json</c>.</summary>
    /// <param name="Path">The file.</param>
    public sealed record File(string Path) : RecipeSource;

    /// <summary>The run that is resumed, or that whose weights a new one begins with.</summary>
    public sealed record OfRun : RecipeSource;

    /// <summary>One that was found already.</summary>
    /// <param name="Recipe">The recipe; labels follow the classes of its images.</param>
    public sealed record Found(Recipe Recipe) : RecipeSource;
}

/// <summary>A recipe with some settings changed.</summary>
/// <param name="Text">As it was asked for.</param>
/// <param name="Source">Where the recipe comes from.</param>
/// <param name="Changes">What is changed.</param>
public sealed record ChangedRecipe(string Text, RecipeSource Source, Sequence<RecipeChange> Changes);
