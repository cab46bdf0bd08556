using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Host.Commands;
using Diffusion.Math.Values;
using Diffusion.Model.Data;
using Diffusion.Model.Training;

namespace Diffusion.Host.Recipes;

/// <summary>Recipes as files, and changes of single settings.</summary>
public static class RecipeFile
{
    /// <summary>The recipe in a file.</summary>
    /// <exception cref="InputException">It cannot be read, or is no recipe.</exception>
    public static Recipe Read(string path)
    {
        try
        {
            return UnionJson.Read<Recipe>(File.ReadAllText(path));
        }
        catch (JsonException refusal)
        {
            throw new InputException(path, refusal.Message.TrimEnd('.'), "a recipe", refusal);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "no file that can be read", "a recipe.json, or a name that the command recipes lists", refusal);
        }
    }

    /// <summary>Writes a recipe.</summary>
    public static void Write(Stream stream, Recipe recipe) => stream.Write(Encoding.UTF8.GetBytes($"{UnionJson.Write(recipe)}\n"));

    /// <summary>The recipe with single settings changed, one after another.</summary>
    /// <exception cref="InputException">A path leads nowhere, or a value does not fit.</exception>
    public static Recipe Change(Recipe recipe, Sequence<RecipeChange> changes) => changes.Aggregate(recipe, Change);

    private static Recipe Change(Recipe recipe, RecipeChange change)
    {
        var root = JsonNode.Parse(UnionJson.Write(recipe))!;
        var (names, place) = (change.Path.Split('.'), root);
        foreach (var name in names[..^1])
            place = place is JsonObject inside && inside[name] is { } next ? next : throw NoSetting(change, name, place);
        if (place is not JsonObject last || !last.ContainsKey(names[^1]))
            throw NoSetting(change, names[^1], place);
        last[names[^1]] = Value(change.Value);
        try
        {
            return UnionJson.Read<Recipe>(root.ToJsonString());
        }
        catch (JsonException refusal)
        {
            throw new InputException($"--set {change.Path}", change.Value, refusal.Message.TrimEnd('.'), refusal);
        }
    }

    // Anything that is no JSON is taken for a word.
    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static InputException NoSetting(RecipeChange change, string name, JsonNode? place) => new(
        $"--set {change.Path}", $"no setting '{name}'",
        place is JsonObject inside ? $"one of {string.Join(", ", inside.Select(entry => entry.Key))}" : "the path of a setting, as in recipe.json");
}
