using System.Text.Json;

namespace Diffusion.Model.Recipes;

/// <summary>The largest numbers that a recipe may hold: judged by its text, before anything is made of it that takes memory.</summary>
/// <remarks>They are far beyond what is of use, and keep a slip of the pen from being a table of gigabytes.</remarks>
public static class RecipeLimits
{
    private const int MostLevels = 16;
    private const int MostEma = 64;

    // Counts of noise levels and of steps are tables; sizes of layers, of batches and of images are tensors.
    private static readonly Dictionary<string, double> Most = new()
    {
        ["count"] = 1_000_000,
        ["inputChannels"] = 4096,
        ["outputChannels"] = 8192,
        ["channels"] = 65_536,
        ["headChannels"] = 65_536,
        ["heads"] = 65_536,
        ["stemChannels"] = 65_536,
        ["leastGroupWidth"] = 65_536,
        ["positions"] = 65_536,
        ["groups"] = 65_536,
        ["blocksPerLevel"] = 256,
        ["classes"] = 1_000_000,
        ["width"] = 65_536,
        ["height"] = 16_384,
        ["size"] = 16_384,
        ["batch"] = 1_000_000,
        ["microBatch"] = 1_000_000,
        ["shards"] = 65_536,
        ["samples"] = 10_000_000,
        ["finalSamples"] = 10_000_000,
        ["gridImages"] = 100_000,
        ["order"] = 100,
        ["teacherSteps"] = 1000,
    };

    /// <summary>What is wrong with the first number that is too large, with where it stands; null where there is none.</summary>
    /// <param name="json">A recipe, or something that holds one. What is no JSON is left to its reader.</param>
    public static string? FaultOf(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return FaultOf(document.RootElement, "");
        }
        // The second for a name that escapes half a surrogate pair.
        catch (Exception refusal) when (refusal is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? FaultOf(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Select(field => TooMuch(field, path)
            ?? FaultOf(field.Value, Below(path, field.Name))).FirstOrDefault(fault => fault is not null),
        JsonValueKind.Array => value.EnumerateArray()
            .Index().Select(item => FaultOf(item.Item, $"{path}[{item.Index}]")).FirstOrDefault(fault => fault is not null),
        _ => null,
    };

    private static string? TooMuch(JsonProperty field, string path) => field.Value.ValueKind switch
    {
        JsonValueKind.Number when Most.TryGetValue(field.Name, out var most) && !(field.Value.GetDouble() <= most) =>
            FormattableString.Invariant($"{Below(path, field.Name)}: {field.Value.GetRawText()} is more than {most:N0}"),
        JsonValueKind.Array when field.Name == "levels" && field.Value.GetArrayLength() > MostLevels =>
            $"{Below(path, field.Name)}: {field.Value.GetArrayLength()} levels are more than the {MostLevels} that can be halved",
        JsonValueKind.Array when field.Name == "ema" && field.Value.GetArrayLength() > MostEma =>
            $"{Below(path, field.Name)}: {field.Value.GetArrayLength()} EMAs are more than {MostEma}",
        _ => null,
    };

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
