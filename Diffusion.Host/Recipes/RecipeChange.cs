namespace Diffusion.Host.Recipes;

/// <summary>One setting of a recipe and its new value.</summary>
/// <param name="Path">Names from the outside in, with dots between them, such as <c>optimiser.rate.peak</c>.</param>
/// <param name="Value">The value, as JSON or as a plain word.</param>
public sealed record RecipeChange(string Path, string Value);
