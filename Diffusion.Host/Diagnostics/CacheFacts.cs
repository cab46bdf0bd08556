using System.Text.Json.Nodes;
using Diffusion.Host.Displays;
using Diffusion.Host.Downloads;

namespace Diffusion.Host.Diagnostics;

/// <summary>What is kept from earlier downloads.</summary>
public static class CacheFacts
{
    /// <summary>The folder, and every file in it with its size.</summary>
    public static IEnumerable<Fact> Of(CacheFolder cache)
    {
        yield return Fact.Of("cache folder", cache.Root);
        IEnumerable<FileInfo> found = Directory.Exists(cache.Root)
            ? new DirectoryInfo(cache.Root).EnumerateFiles("*", SearchOption.AllDirectories)
            : [];
        FileInfo[] files = [.. found.OrderBy(file => file.FullName, StringComparer.Ordinal)];
        yield return new(
            "cached files",
            files.Length == 0 ? "none" : string.Concat(files.Select(file => $"\n  {NameOf(file, cache)}, {ByteCount.Text(file.Length)}")),
            new JsonObject(files.Select(file => KeyValuePair.Create(NameOf(file, cache), (JsonNode?)file.Length))));
    }

    private static string NameOf(FileInfo file, CacheFolder cache) => Path.GetRelativePath(cache.Root, file.FullName);
}
