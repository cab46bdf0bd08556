using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Diffusion.Model.Images;

/// <summary>The pieces of a PNG stream, 8-bit red, green, blue, and alpha where the image has it.</summary>
/// <remarks>
/// W3C, "Portable Network Graphics (PNG) Specification (Third Edition)". Our own, because equal images and notes must become equal bytes,
/// and no library at hand writes notes or animations.
/// </remarks>
internal static class PngChunks
{
    /// <summary>The signature and the header.</summary>
    public static void WriteStart(Stream stream, RgbImage image)
    {
        stream.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        // Bit depth 8, colour type 2 (truecolour) or 6 (with alpha), the only compression, the only filter method, no interlace.
        var colourType = (byte)(image.Alpha is null ? 2 : 6);
        Write(stream, "IHDR", [.. BigEndian(image.Width), .. BigEndian(image.Height), 8, colourType, 0, 0, 0]);
    }

    /// <summary>One note: tEXt where Latin-1 can hold it, else iTXt in UTF-8, uncompressed, with no language.</summary>
    public static void WriteNote(Stream stream, Note note)
    {
        var keyword = Encoding.Latin1.GetBytes(note.Keyword);
        if (note.IsLatin)
            Write(stream, "tEXt", [.. keyword, 0, .. Encoding.Latin1.GetBytes(note.Text)]);
        else
            Write(stream, "iTXt", [.. keyword, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(note.Text)]);
    }

    /// <summary>The mark of the end.</summary>
    public static void WriteEnd(Stream stream) => Write(stream, "IEND", []);

    /// <summary>Length, type, content and checksum.</summary>
    public static void Write(Stream stream, string type, ReadOnlySpan<byte> content)
    {
        byte[] name = Encoding.ASCII.GetBytes(type);
        stream.Write(BigEndian(content.Length));
        stream.Write(name);
        stream.Write(content);
        var checksum = new Crc32();
        checksum.Append(name);
        checksum.Append(content);
        stream.Write(BigEndian((int)checksum.GetCurrentHashAsUInt32()));
    }

    /// <summary>A 32-bit number, most significant byte first.</summary>
    public static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>The compressed content of an image: what IDAT holds.</summary>
    public static byte[] Compress(RgbImage image)
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Optimal))
        {
            var pixel = image.Alpha is null ? 3 : 4;
            var above = new byte[pixel * image.Width];
            for (var y = 0; y < image.Height; y++)
            {
                var row = image.Alpha is { } alpha ? Together(image.Row(y), alpha.AsSpan(y * image.Width)) : image.Row(y);
                zlib.Write(PngFilters.Best(row, above, pixel));
                row.CopyTo(above);
            }
        }
        return compressed.ToArray();
    }

    // Red, green, blue and alpha of a row, pixel by pixel.
    private static byte[] Together(ReadOnlySpan<byte> colours, ReadOnlySpan<byte> alpha)
    {
        var row = new byte[colours.Length / 3 * 4];
        for (var pixel = 0; pixel < row.Length / 4; pixel++)
        {
            colours.Slice(3 * pixel, 3).CopyTo(row.AsSpan(4 * pixel));
            row[4 * pixel + 3] = alpha[pixel];
        }
        return row;
    }
}
