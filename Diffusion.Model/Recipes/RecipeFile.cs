using System.Text;

namespace Diffusion.Model.Recipes;

/// <summary>Recipes as files.</summary>
public static class RecipeFile
{
    /// <summary>The recipe in a file.</summary>
    /// <exception cref="RecipeException">It cannot be read, or is no recipe.</exception>
    public static Recipe Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            const string expected = "expected a recipe.json, or a name that the command recipes lists";
            throw new RecipeException(path, $"no file that can be read; {expected}", refusal);
        }
        return RecipeText.Read(text, path);
    }

    /// <summary>Writes a recipe.</summary>
    public static void Write(Stream stream, Recipe recipe) => stream.Write(Encoding.UTF8.GetBytes(RecipeText.Write(recipe)));
}
