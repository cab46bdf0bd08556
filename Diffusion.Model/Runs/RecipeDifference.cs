using System.Text.Json.Nodes;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Runs;

/// <summary>A setting in which two recipes differ.</summary>
/// <param name="Path">Its names from the outside in, as <c>--set</c> takes them.</param>
/// <param name="Before">The value in the first one, as JSON; null where it has none.</param>
/// <param name="After">The value in the second one, as JSON; null where it has none.</param>
public sealed record RecipeDifference(string Path, string? Before, string? After)
{
    /// <summary>The option that makes the second of the first, as it can be pasted into a shell.</summary>
    public string Option => $"--set {ResumeLine.Quoted($"{Path}={After ?? "null"}")}";

    /// <summary>Where two recipes differ, setting by setting.</summary>
    public static Sequence<RecipeDifference> Between(Recipe before, Recipe after) =>
        before == after ? [] : Between("", JsonNode.Parse(RecipeText.Write(before)), JsonNode.Parse(RecipeText.Write(after))).ToSequence();

    private static IEnumerable<RecipeDifference> Between(string path, JsonNode? before, JsonNode? after)
    {
        if (JsonNode.DeepEquals(before, after))
            return [];
        string Inner(string name) => path.Length == 0 ? name : $"{path}.{name}";
        return (before, after) switch
        {
            // Another case of a union is another thing as a whole.
            (JsonObject one, JsonObject other) when JsonNode.DeepEquals(one["kind"], other["kind"]) =>
                one.Select(field => field.Key)
                    .Union(other.Select(field => field.Key)).SelectMany(name => Between(Inner(name), one[name], other[name])),
            (JsonArray one, JsonArray other) when one.Count == other.Count =>
                one.Zip(other).SelectMany((items, index) => Between(Inner($"{index}"), items.First, items.Second)),
            _ => [new(path, before?.ToJsonString(), after?.ToJsonString())],
        };
    }
}
