using System.Text;
using Diffusion.Math.Schedules;
using Diffusion.Model.Files;

namespace Diffusion.Model.Recipes;

/// <summary>Recipes as files.</summary>
public static class RecipeFile
{
    // A million noise levels, one by one, fit.
    private const long Longest = 32 << 20;

    /// <summary>The recipe in a file.</summary>
    /// <exception cref="RecipeException">It cannot be read, or is no recipe.</exception>
    public static Recipe Read(string path) =>
        RecipeText.Read(TextOf(path, "expected a recipe.json, or a name that the command recipes lists"), path);

    /// <summary>The noise schedule in a file that holds one, or that of the recipe in it.</summary>
    /// <exception cref="RecipeException">It cannot be read, or is neither.</exception>
    public static NoiseSchedule ReadSchedule(string path) =>
        RecipeText.ReadSchedule(TextOf(path, "expected a noise schedule as JSON, or a recipe.json"), path);

    private static string TextOf(string path, string expected)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > Longest and var length })
                throw new RecipeException(path, $"a file of {length} bytes; a recipe has at most {Longest}");
            return OrdinaryFile.ReadText(path);
        }
        catch (Exception refusal) when (refusal is IOException and not (RecipeException or InputException) or UnauthorizedAccessException)
        {
            throw new RecipeException(path, $"no file that can be read; {expected}", refusal);
        }
    }

    /// <summary>The name of the schema that a file refers to, beside it: <c>recipes --schema</c> prints it.</summary>
    public const string SchemaName = "recipe.schema.json";

    /// <summary>
    /// A recipe as the text of a file to edit: it names its schema, by which an editor completes and checks it. Reading passes that over,
    /// so that recipes with and without it are equal.
    /// </summary>
    public static string Text(Recipe recipe) => $"{{\n  \"{RecipeText.SchemaField}\": \"{SchemaName}\",{RecipeText.Write(recipe)[1..]}";

    /// <summary>Writes a recipe. No schema is named, since run folders hold none.</summary>
    public static void Write(Stream stream, Recipe recipe) => stream.Write(Encoding.UTF8.GetBytes(RecipeText.Write(recipe)));
}
