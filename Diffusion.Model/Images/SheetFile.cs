using System.Text.Json.Nodes;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Images;

/// <summary>An image's file with everything that is said of it in its notes.</summary>
/// <param name="Path">The file; a sheet ends in .png or .svg.</param>
/// <param name="Facts">What has to be known to make it again, as names and texts.</param>
public sealed record SheetFile(string Path, Sequence<(string Name, string Text)> Facts)
{
    /// <summary>The note that holds the request.</summary>
    public const string RequestNote = "request";

    /// <summary>What was asked for, as JSON that <c>sample --request</c> draws again; null where there is no such request.</summary>
    public JsonNode? Request { get; init; }

    /// <summary>The facts as a part of a line: names of classes may hold anything.</summary>
    public string FactsText => PlainText.Name(string.Join(", ", Facts.Select(fact => $"{fact.Name} {fact.Text}")));

    /// <summary>Writes a sheet; as SVG where the file ends in .svg, else as PNG.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public void Save(ImageGrid sheet) => OutputException.Guard(Path, () =>
    {
        if (System.IO.Path.GetExtension(Path).Equals(".svg", StringComparison.OrdinalIgnoreCase))
            AtomicFile.Write(Path, stream =>
            {
                using var words = new StreamWriter(stream, leaveOpen: true);
                words.Write(sheet.ToSvg(Notes).ToString());
            });
        else
            Png.Save(Path, sheet.Draw(), Notes);
    });

    /// <summary>Writes an animation; as GIF or WebP where the file ends so, else as animated PNG.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public void Save(Animation animation) => OutputException.Guard(Path, () => AtomicFile.Write(Path, stream =>
    {
        Action<Stream, Animation, Sequence<Note>> write = System.IO.Path.GetExtension(Path).ToLowerInvariant() switch
        {
            ".gif" => Gif.Write,
            ".webp" => AnimatedWebp.Write,
            _ => Apng.Write,
        };
        write(stream, animation, Notes);
    }));

    private Sequence<Note> Notes =>
    [
        .. Facts.Select(fact => new Note(fact.Name, fact.Text)),
        .. Request is null ? Enumerable.Empty<Note>() : [new(RequestNote, Request.ToJsonString())],
    ];
}
