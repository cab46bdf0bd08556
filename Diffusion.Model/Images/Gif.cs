using System.Buffers.Binary;
using System.Text;
using Diffusion.Math.Values;

namespace Diffusion.Model.Images;

/// <summary>Writes an animation as a GIF: 256 colours, and understood by every program that shows images.</summary>
/// <remarks>
/// CompuServe, "Graphics Interchange Format, Version 89a", and Netscape's extension that repeats it. Our own, for Skia does not write GIFs
/// and other libraries bring a second imaging library with them.
/// </remarks>
public static class Gif
{
    private const int ColourBits = 8;
    private const int ClearCode = 1 << ColourBits;
    private const int EndCode = ClearCode + 1;
    private const int MostCodes = 1 << 12;
    private const int LongestBlock = 255;

    /// <summary>Writes a whole stream. The notes become comments.</summary>
    /// <exception cref="ArgumentException">There is no frame, or sizes differ.</exception>
    public static void Write(Stream stream, Animation animation, Sequence<Note> notes)
    {
        var (width, height) = animation.Size;
        // The format has no half transparency, and this one none at all.
        Frame[] frames = [.. animation.Frames.Select(frame => frame with { Image = frame.Image.Over(PixelColour.White) })];
        var palette = GifPalette.Of(frames.Select(frame => frame.Image));
        stream.Write("GIF89a"u8);
        // A table of 256 colours for all frames.
        stream.Write([.. Short(width), .. Short(height), 0xF7, 0, 0, .. palette.Table]);
        stream.Write([0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, .. Short(0), 0]);
        foreach (var note in notes)
        {
            stream.Write([0x21, 0xFE]);
            WriteBlocks(stream, Encoding.UTF8.GetBytes(note.Line));
        }
        foreach (var (image, duration) in frames)
        {
            stream.Write([0x21, 0xF9, 4, 1 << 2, .. Short((int)Round(duration.TotalMilliseconds / 10)), 0, 0]);
            stream.Write([0x2C, .. Short(0), .. Short(0), .. Short(width), .. Short(height), 0, ColourBits]);
            WriteBlocks(stream, Compress(palette.IndicesOf(image)));
        }
        stream.WriteByte(0x3B);
    }

    private static byte[] Short(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, checked((ushort)value));
        return bytes;
    }

    private static void WriteBlocks(Stream stream, ReadOnlySpan<byte> content)
    {
        for (; !content.IsEmpty; content = content[Min(content.Length, LongestBlock)..])
        {
            stream.WriteByte((byte)Min(content.Length, LongestBlock));
            stream.Write(content[..Min(content.Length, LongestBlock)]);
        }
        stream.WriteByte(0);
    }

    // Lempel-Ziv-Welch with codes of 9 to 12 bits, the lowest bit first.
    private static byte[] Compress(ReadOnlySpan<byte> indices)
    {
        var (bytes, codes) = (new List<byte>(), new Dictionary<int, int>());
        var (pending, bits, size, next, prefix) = (0, 0, ColourBits + 1, EndCode + 1, (int)indices[0]);
        Emit(ClearCode);
        foreach (var index in indices[1..])
        {
            var longer = prefix << ColourBits | index;
            if (codes.TryGetValue(longer, out var known))
            {
                prefix = known;
                continue;
            }
            Emit(prefix);
            prefix = index;
            if (next < MostCodes)
            {
                // From here on a code may be as long as this one.
                if (next == 1 << size)
                    size++;
                codes[longer] = next++;
            }
            else
            {
                Emit(ClearCode);
                codes.Clear();
                (size, next) = (ColourBits + 1, EndCode + 1);
            }
        }
        Emit(prefix);
        Emit(EndCode);
        if (bits > 0)
            bytes.Add((byte)pending);
        return [.. bytes];

        void Emit(int code)
        {
            pending |= code << bits;
            for (bits += size; bits >= 8; bits -= 8, pending >>= 8)
                bytes.Add((byte)pending);
        }
    }
}
