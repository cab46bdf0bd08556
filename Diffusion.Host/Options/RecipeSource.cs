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

    /// <summary>The run that is resumed.</summary>
    public sealed record OfRun : RecipeSource;
}
