using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Posters;

/// <summary>Where a poster is written: a page in Markdown, and a folder with its figures and the page to print.</summary>
/// <param name="Markdown">The page in Markdown.</param>
/// <param name="Folder">The folder of everything else.</param>
internal sealed record PosterPlace(string Markdown, string Folder)
{
    private const string Ending = ".md";
    private const string PageName = "poster.md";

    // What tells a folder that may be written again from any other.
    private const string MarkName = "poster.json";

    /// <summary>The page to print.</summary>
    public string Html => Path.Combine(Folder, "poster.html");

    /// <summary>The place that a person named: a folder, or the page in Markdown, whose folder is beside it and has its name.</summary>
    public static PosterPlace Of(string named) => named.EndsWith(Ending, StringComparison.OrdinalIgnoreCase)
        ? new(named, named[..^Ending.Length]) : new(Path.Combine(named, PageName), named);

    /// <summary>A file of the folder.</summary>
    public string this[string name] => Path.Combine(Folder, name);

    /// <summary>The way to a file of the folder from the page in Markdown.</summary>
    public string Link(string name) => string.Join('/', Path.GetRelativePath(
        Path.GetDirectoryName(Path.GetFullPath(Markdown))!, this[name]).Replace('\\', '/').Split('/').Select(Uri.EscapeDataString));

    /// <summary>Refuses a folder, or a page, that is no poster.</summary>
    /// <exception cref="InputException">It holds something else.</exception>
    /// <exception cref="OutputException">It cannot be written to.</exception>
    public void Require()
    {
        var isPoster = File.Exists(this[MarkName]);
        if (!isPoster)
            RunFolder.RequireNew(Folder);
        if (!isPoster && Path.Exists(Markdown))
            throw new InputException(Markdown, "a file of another kind", "a poster, or a file that is not there yet");
    }

    /// <summary>Makes the folder and marks it as that of a poster.</summary>
    /// <param name="models">What it is made with.</param>
    /// <exception cref="OutputException">It cannot be written to.</exception>
    public void Mark(Sequence<string> models)
    {
        OutputException.Guard(Folder, () => Directory.CreateDirectory(Folder));
        var text = new System.Text.Json.Nodes.JsonObject
        {
            ["poster"] = 1,
            ["models"] = new System.Text.Json.Nodes.JsonArray([.. models.Select(model => System.Text.Json.Nodes.JsonValue.Create(model))]),
        };
        Write(this[MarkName], text.ToJsonString() + "\n");
    }

    /// <summary>Writes a text so that it is never half there.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public static void Write(string file, string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        RunFolder.Write(file, stream => stream.Write(bytes));
    }
}
