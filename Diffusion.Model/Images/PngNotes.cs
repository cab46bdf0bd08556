using System.Buffers.Binary;
using System.Text;
using Diffusion.Math.Values;

namespace Diffusion.Model.Images;

/// <summary>Reads what a PNG file says of itself: its notes and its size.</summary>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Notes">The notes before the pixels, in the file's order.</param>
public sealed record PngNotes(int Width, int Height, Sequence<Note> Notes)
{
    private const int SignatureLength = 8;
    private const int Surround = 12;

    /// <summary>What a file says; null where it is no PNG file, or is cut off before its pixels.</summary>
    public static PngNotes? Read(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]))
            return null;
        var notes = new List<Note>();
        var (width, height) = (0, 0);
        for (var rest = file[SignatureLength..]; rest.Length >= Surround;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            if (length < 0 || length > rest.Length - Surround)
                return null;
            var type = Encoding.ASCII.GetString(rest.Slice(4, 4));
            var content = rest.Slice(8, length);
            if (type == "IHDR" && length >= 8)
                (width, height) = (BinaryPrimitives.ReadInt32BigEndian(content), BinaryPrimitives.ReadInt32BigEndian(content[4..]));
            else if (type is "tEXt" or "iTXt" && ReadNote(type, content) is { } note)
                notes.Add(note);
            else if (type == "IDAT")
                return width > 0 && height > 0 ? new(width, height, notes.ToSequence()) : null;
            rest = rest[(length + Surround)..];
        }
        return null;
    }

    // Compressed notes, which this project does not write, are passed over.
    private static Note? ReadNote(string type, ReadOnlySpan<byte> content)
    {
        var end = content.IndexOf((byte)0);
        if (end < 1)
            return null;
        var keyword = Encoding.Latin1.GetString(content[..end]);
        var text = content[(end + 1)..];
        if (type == "tEXt")
            return Checked(keyword, Encoding.Latin1.GetString(text));
        if (text.Length < 4 || text[0] != 0)
            return null;
        var language = text[2..].IndexOf((byte)0);
        if (language < 0)
            return null;
        var translated = text[(language + 3)..];
        var begin = translated.IndexOf((byte)0);
        return begin < 0 ? null : Checked(keyword, Encoding.UTF8.GetString(translated[(begin + 1)..]));
    }

    private static Note? Checked(string keyword, string text)
    {
        try
        {
            return new(keyword, text);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
