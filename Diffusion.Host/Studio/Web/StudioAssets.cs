using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Diffusion.Host.Studio.Web;

/// <summary>Style sheets and scripts that the program carries.</summary>
internal static class StudioAssets
{
    /// <summary>Where they are served.</summary>
    public const string Folder = "/assets";

    private const string Embedded = "studio/";

    private static readonly IReadOnlyDictionary<string, Asset> All = typeof(StudioAssets).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Embedded, StringComparison.Ordinal) || name == "page.css")
        .Select(name => (Name: name.Replace(Embedded, "", StringComparison.Ordinal), Content: Read(name)))
        .ToDictionary(file => file.Name, file => new Asset(
            file.Content, Kind(file.Name), $"\"{Convert.ToHexStringLower(SHA256.HashData(file.Content))[..16]}\""));

    /// <summary>The file of a name.</summary>
    public static IResult Serve(string name, HttpContext context)
    {
        if (!All.TryGetValue(name, out var asset))
            throw RefusedException.NotFound($"no asset {name}");
        context.Response.Headers.ETag = asset.Tag;
        context.Response.Headers.CacheControl = "no-cache";
        return context.Request.Headers.IfNoneMatch.Contains(asset.Tag)
            ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Bytes(asset.Content, asset.Kind);
    }

    private static byte[] Read(string name)
    {
        using var content = typeof(StudioAssets).Assembly.GetManifestResourceStream(name)!;
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static string Kind(string name) => Path.GetExtension(name) switch
    {
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };

    private sealed record Asset(byte[] Content, string Kind, string Tag);
}
