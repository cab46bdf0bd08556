using Diffusion.Math.Values;

namespace Diffusion.Host.Html;

/// <summary>Something that was made from a run and lies in its folder: a table, an image, or both under one name.</summary>
/// <remarks>
/// The convention by which a command's results come into the report: NAME.csv is a table, NAME.svg or NAME.png the image of it. What the
/// run itself writes is not among them.
/// </remarks>
/// <param name="Name">The files' name, without its ending.</param>
/// <param name="Image">The image, where there is one: drawn lines before pixels.</param>
/// <param name="Table">The table, where there is one.</param>
public sealed record Exhibit(string Name, string? Image, string? Table)
{
    /// <summary>The name as a heading: words, and a capital.</summary>
    public string Title
    {
        get
        {
            var words = Name.Replace('-', ' ').Replace('_', ' ');
            return char.ToUpperInvariant(words[0]) + words[1..];
        }
    }

    /// <summary>The exhibits of a folder, those with a table first, each kind by name.</summary>
    public static Sequence<Exhibit> In(string folder) => Directory.EnumerateFiles(folder)
        .Where(path => Path.GetFileName(path) is var name
            && !name.StartsWith('.') && (InlineImages.IsImage(path) || name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)))
        .GroupBy(path => Path.GetFileNameWithoutExtension(path), StringComparer.Ordinal)
        .Where(files => files.Key.Length > 0 && files.Key is not ("report" or "steps" or "curves")
            && !files.Key.EndsWith(".damaged", StringComparison.Ordinal) && !RunContents.IsSheet(files.Key))
        .Select(files => new Exhibit(
            files.Key,
            files.Where(InlineImages.IsImage)
                .OrderBy(path => Path.GetExtension(path) == ".svg" ? 0 : 1).ThenBy(path => path, StringComparer.Ordinal).FirstOrDefault(),
            files.FirstOrDefault(path => !InlineImages.IsImage(path))))
        .OrderBy(exhibit => exhibit.Table is null).ThenBy(exhibit => exhibit.Name, StringComparer.Ordinal)
        .ToSequence();
}
