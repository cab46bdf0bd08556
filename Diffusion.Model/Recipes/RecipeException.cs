using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>A recipe, or a change of one, that cannot be used. The message is one line: where, and what is wrong.</summary>
/// <param name="place">The file or option.</param>
/// <param name="fault">What is wrong with it, in a sentence that names the setting.</param>
/// <param name="cause">The failure underneath, where there is one.</param>
public sealed class RecipeException(string place, string fault, Exception? cause = null)
    : IOException(PlainText.OneLine($"{place}: {Sentence.Of(fault, place)}"), cause);
