using System.Globalization;
using System.Xml.Linq;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Host.Html;

/// <summary>Puts images into a page until it is as large as a page should be; those after that are links.</summary>
/// <param name="page">The folder that links start from.</param>
internal sealed class InlineImages(string page)
{
    // A page that can still be sent by mail.
    private const long MostOfAImage = 3_000_000;
    private const long MostOfAll = 8_000_000;

    private long _embedded;

    /// <summary>Where a file is served from, for a page with a server behind it; null to put images into the page.</summary>
    public Func<string, string>? Served { get; init; }

    /// <summary>Endings of files that are shown.</summary>
    public static bool IsImage(string path) => Kind(path) is not null;

    /// <summary>An image under words.</summary>
    /// <param name="path">The file.</param>
    /// <param name="about">What it shows, for those who do not see it.</param>
    /// <param name="caption">What stands below it.</param>
    public XElement Figure(string path, string about, params object?[] caption)
    {
        var file = OrdinaryFile.ReadAll(path, Array.MaxLength);
        var png = PngNotes.Read(file);
        var notes = png is null
            ? "" : string.Join(" · ", png.Notes.Where(note => note.Keyword is not "plan").Select(note => $"{note.Keyword}: {note.Text}"));
        var words = Html.Tag("figcaption", caption, notes.Length > 0 ? Html.Tag("span.notes", notes) : null);
        if (Served is null && (file.Length > MostOfAImage || _embedded + file.Length > MostOfAll))
            return Html.Tag("figure", Html.Tag("p", Link(path), $", {file.Length / 1e6:0.0} MB, is too large for this page."), words);
        _embedded += file.Length;
        var image = Html.Tag("img",
            Html.With("src", Served?.Invoke(path) ?? $"data:{Kind(path)};base64,{Convert.ToBase64String(file)}"), Html.With("alt", about),
            png is null ? null : Html.With("width", png.Width.ToString(CultureInfo.InvariantCulture)),
            png is null ? null : Html.With("height", png.Height.ToString(CultureInfo.InvariantCulture)));
        return Html.Tag("figure", image, words);
    }

    /// <summary>A link to a file beside the page.</summary>
    public XElement Link(string path)
    {
        if (Served is not null)
            return Html.Tag("a", Html.With("href", Served(path)), Path.GetFileName(path));
        var way = Path.GetRelativePath(page, path).Replace('\\', '/');
        return Html.Tag("a", Html.With("href", string.Join('/', way.Split('/').Select(Uri.EscapeDataString))), Path.GetFileName(path));
    }

    /// <summary>The media type of an image, by the ending of its name; null where it is none.</summary>
    internal static string? Kind(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".png" or ".apng" => "image/png",
        ".svg" => "image/svg+xml",
        ".jpg" or ".jpeg" => "image/jpeg",
        ".gif" => "image/gif",
        ".webp" => "image/webp",
        _ => null,
    };
}
