using System.Text.Json;
using Diffusion.Model.Files;

namespace Diffusion.Model.Formats;

/// <summary>
/// Which of several files holds which tensor: <c>*.index.json</c> beside the shards of a network, as diffusers writes it.
/// </summary>
internal static class ShardIndex
{
    private const long LongestIndex = 64 << 20;

    /// <summary>The names of the tensors by the names of the files, which lie beside the index.</summary>
    /// <exception cref="InputException">It is no such index.</exception>
    public static ILookup<string, string> Read(string path) => new FileInfo(path).Length > LongestIndex
        ? throw new InputException(path, "an index of more than 64 MB", "a list of names")
        : Of(InputFile.Reading(path, () => OrdinaryFile.ReadAll(path, LongestIndex)), path);

    /// <summary>The same of an index that these bytes are.</summary>
    /// <inheritdoc cref="Read"/>
    public static ILookup<string, string> Of(ReadOnlyMemory<byte> content, string path)
    {
        (string Name, string File)[] map;
        try
        {
            using var document = JsonDocument.Parse(content);
            map = document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("weight_map", out var found) && found.ValueKind == JsonValueKind.Object
                && found.EnumerateObject().All(item => item.Value.ValueKind == JsonValueKind.String)
                ? [.. found.EnumerateObject().Select(item => (item.Name, File: item.Value.GetString()!))]
                : throw new InputException(path, "no weight_map of names and files", "an index of shards");
        }
        // The second for a text that escapes half a surrogate pair.
        catch (Exception refusal) when (refusal is JsonException or InvalidOperationException)
        {
            throw new InputException(path, FileKind.StandIn(content.Length, content.Span) ?? "no JSON", "an index of shards", refusal);
        }
        if (map.FirstOrDefault(item => !IsName(item.File)).File is { } outside)
            throw new InputException(path, $"a shard called '{Shown(outside)}'", "the name of a file beside it");
        return map.GroupBy(item => item.Name).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new InputException(path, $"'{Shown(twice.Key)}' twice", "each tensor once")
            : map.ToLookup(item => item.File, item => item.Name);
    }

    private static bool IsName(string file) => file.Length > 0 && file is not ("." or "..") && !file.AsSpan().ContainsAny('/', '\\', '\0');

    // On one line.
    private static string Shown(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));
}
