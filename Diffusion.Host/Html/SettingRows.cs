using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;

namespace Diffusion.Host.Html;

/// <summary>A recipe as a list of single settings, named as <c>--set</c> names them.</summary>
public static class SettingRows
{
    private static readonly string[] Optional =
    [
        "architecture.", "residual.", "middle.", "time.", "head", "stemChannels", "padding", "entry", "centring", "patch",
    ];

    // Of images without transparency it says nothing.
    private static readonly Setting NoBackground = new("data.background", None);

    private const string None = "none";

    // More numbers in a row than levels, such as frequencies or a schedule written out, are one row.
    private const int LongestList = 32;

    /// <summary>Each setting's path and value, in the recipe's order.</summary>
    public static Sequence<Setting> Of(Recipe recipe) => In("", JsonNode.Parse(RecipeText.Write(recipe))).ToSequence();

    /// <summary>
    /// The same without what is as usual in the network: settings that few networks have, such as those that importers bring, and that
    /// have no meaning to whoever has not chosen them.
    /// </summary>
    public static Sequence<Setting> Chosen(Recipe recipe)
    {
        var usual = Of(recipe with { Network = new() { Levels = recipe.Network.Levels } }).ToHashSet();
        return Of(recipe).Where(setting => !Optional.Any(group => setting.Path.StartsWith($"network.{group}", StringComparison.Ordinal))
            || !usual.Contains(setting)).Where(setting => setting != NoBackground).ToSequence();
    }

    /// <summary>Settings that are not the same in all recipes, with a value per recipe; "–" where a recipe has no such setting.</summary>
    public static Sequence<Sequence<string>> Differences(Sequence<Recipe> recipes)
    {
        var settings = recipes.Select(recipe => Of(recipe).ToDictionary(setting => setting.Path, setting => setting.Value)).ToList();
        return settings.SelectMany(recipe => recipe.Keys).Distinct()
            .Select(path => settings.Select(recipe => recipe.GetValueOrDefault(path, "–")).Prepend(path).ToSequence())
            .Where(row => row.Skip(1).Distinct().Count() > 1)
            .ToSequence();
    }

    private static IEnumerable<Setting> In(string path, JsonNode? node) => node switch
    {
        JsonObject group => group.SelectMany(entry => In(path.Length > 0 ? $"{path}.{entry.Key}" : entry.Key, entry.Value)),
        JsonArray { Count: > LongestList } list when list.All(item => item?.GetValueKind() == JsonValueKind.Number) =>
            [new(path, $"{list.Count} numbers, {list[0]}, {list[1]}, … {list[^1]}")],
        JsonArray list => list.Index().SelectMany(entry => In($"{path}.{entry.Index}", entry.Item)),
        null => [new(path, None)],
        _ => [new(path, node.ToString())],
    };
}

/// <summary>A single setting of a recipe.</summary>
/// <param name="Path">Names from the outside in, with dots between them.</param>
/// <param name="Value">Its text.</param>
public readonly record struct Setting(string Path, string Value);
