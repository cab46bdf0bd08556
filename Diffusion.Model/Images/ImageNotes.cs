using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Xml;
using Diffusion.Math.Values;

namespace Diffusion.Model.Images;

/// <summary>Reads what an image file says of itself, in each format that this project writes.</summary>
/// <remarks>
/// One pass over bytes that are there, whatever the file says of lengths. XML is read without document types, entities of its own or
/// anything outside the file.
/// </remarks>
/// <param name="Format">Such as <c>PNG</c>.</param>
/// <param name="Size">Width and height in pixels; null where the file does not say.</param>
/// <param name="Notes">The notes, in the file's order.</param>
public sealed record ImageNotes(string Format, (int Width, int Height)? Size, Sequence<Note> Notes)
{
    /// <summary>The formats that are read, for a person.</summary>
    public const string Formats = "PNG, SVG, GIF or WebP";

    private const int LongestDescription = 16 << 20;

    /// <summary>Whether a file that begins so is of such a format.</summary>
    /// <param name="start">Its first bytes, best 16 or more.</param>
    public static bool IsFormat(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P']) || IsGif(start) || IsWebp(start) || IsXml(start);

    /// <summary>What a file says; null where it has none of the formats, or is damaged or cut off before its notes.</summary>
    public static ImageNotes? Read(ReadOnlySpan<byte> file) =>
        IsGif(file) ? OfGif(file)
        : IsWebp(file) ? OfWebp(file)
        : IsXml(file) ? OfSvg(file)
        : PngNotes.Read(file) is { } png ? new("PNG", (png.Width, png.Height), png.Notes)
        : null;

    private static bool IsGif(ReadOnlySpan<byte> file) => file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8);

    private static bool IsWebp(ReadOnlySpan<byte> file) =>
        file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..12].SequenceEqual("WEBP"u8);

    private static bool IsXml(ReadOnlySpan<byte> file) => WithoutMark(file).TrimStart(" \t\r\n"u8) is var text
        && (text.StartsWith("<svg"u8) || text.StartsWith("<?xml"u8) || text.StartsWith("<!DOCTYPE svg"u8));

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> file) =>
        file.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? file[3..] : file;

    // Comments before the first image, where this project writes them; each is a note.
    private static ImageNotes? OfGif(ReadOnlySpan<byte> file)
    {
        if (file.Length < 13)
            return null;
        var size = ((int)BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), (int)BinaryPrimitives.ReadUInt16LittleEndian(file[8..]));
        var table = (file[10] & 0x80) != 0 ? 3 << ((file[10] & 7) + 1) : 0;
        var notes = new List<Note>();
        for (var at = 13 + table; at + 1 < file.Length;)
        {
            if (file[at] != 0x21)
                return file[at] is 0x2C or 0x3B ? new("GIF", size, notes.ToSequence()) : null;
            var (isComment, comment) = (file[at + 1] == 0xFE, new MemoryStream());
            for (at += 2; ; at += 1 + file[at])
            {
                if (at >= file.Length || at + file[at] >= file.Length)
                    return null;
                if (file[at] == 0)
                    break;
                if (isComment)
                    comment.Write(file.Slice(at + 1, file[at]));
            }
            at++;
            if (isComment)
                notes.AddRange(Lines(Encoding.UTF8.GetString(comment.ToArray())));
        }
        return null;
    }

    private static ImageNotes? OfWebp(ReadOnlySpan<byte> file)
    {
        (int, int)? size = null;
        Sequence<Note> notes = [];
        for (var rest = file[12..]; rest.Length > 0;)
        {
            if (rest.Length < 8 || BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) is var length && length > rest.Length - 8)
                return null;
            var content = rest.Slice(8, (int)length);
            if (rest.StartsWith("VP8X"u8) && length >= 10)
                size = (1 + Three(content[4..]), 1 + Three(content[7..]));
            else if (rest.StartsWith("XMP "u8) && TextOf(content, "li", "http://www.w3.org/1999/02/22-rdf-syntax-ns#") is { } text)
                notes = Lines(text);
            // A byte fills up chunks of odd length.
            rest = rest[(int)Min(rest.Length, 8 + length + length % 2)..];
        }
        return new("WebP", size, notes);

        static int Three(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;
    }

    private static ImageNotes? OfSvg(ReadOnlySpan<byte> file)
    {
        const string space = "http://www.w3.org/2000/svg";
        try
        {
            using var reader = Reader(file);
            if (reader.MoveToContent() != XmlNodeType.Element || reader.LocalName != "svg" || reader.NamespaceURI != space)
                return null;
            (int, int)? size = Side("width") is { } width && Side("height") is { } height ? (width, height) : null;
            // The description comes before everything that is drawn.
            reader.Read();
            var text = reader.MoveToContent() == XmlNodeType.Element && reader.LocalName == "desc" && reader.NamespaceURI == space
                ? reader.ReadElementContentAsString() : "";
            return new("SVG", size, Lines(text));

            int? Side(string name) =>
                int.TryParse(reader.GetAttribute(name), NumberStyles.None, CultureInfo.InvariantCulture, out var side) ? side : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    // The text of the first such element; null where there is none within what a description may be long.
    private static string? TextOf(ReadOnlySpan<byte> xml, string name, string space)
    {
        try
        {
            using var reader = Reader(xml);
            return reader.ReadToFollowing(name, space) ? reader.ReadElementContentAsString() : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static XmlReader Reader(ReadOnlySpan<byte> xml)
    {
        var beginning = new MemoryStream(xml[..Min(xml.Length, LongestDescription)].ToArray());
        return XmlReader.Create(beginning, new()
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            CloseInput = true,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        });
    }

    // A note begins with its keyword; other lines go on with the note before them.
    private static Sequence<Note> Lines(string text)
    {
        var notes = new List<(string Keyword, StringBuilder Text)>();
        foreach (var line in text.Split('\n'))
            if (Note.Parted(line) is var (keyword, beginning))
                notes.Add((keyword, new(beginning)));
            else if (notes.Count > 0)
                notes[^1].Text.Append('\n').Append(line);
        return notes.Select(note => new Note(note.Keyword, note.Text.ToString())).ToSequence();
    }
}
