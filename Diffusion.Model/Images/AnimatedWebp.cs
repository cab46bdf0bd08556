using System.Buffers.Binary;
using System.Text;
using System.Xml.Linq;
using Diffusion.Math.Values;
using SkiaSharp;

namespace Diffusion.Model.Images;

/// <summary>Writes an animation as WebP without loss: every colour, and smaller than an animated PNG.</summary>
/// <remarks>Google, "WebP Container Specification". Skia encodes the frames; the container around them is ours.</remarks>
public static class AnimatedWebp
{
    private const byte HasAlpha = 1 << 4;
    private const byte HasXmp = 1 << 2;
    private const byte IsAnimation = 1 << 1;
    private const byte DoNotBlend = 1 << 1;
    private const int RiffHead = 12;

    /// <summary>Writes a whole stream. The notes become the description in its metadata (XMP).</summary>
    /// <exception cref="ArgumentException">There is no frame, or sizes differ, or are above 16,383.</exception>
    public static void Write(Stream stream, Animation animation, Sequence<Note> notes)
    {
        var (width, height) = animation.Size;
        Require.Within(Max(width, height), 1, (1 << 14) - 1, nameof(animation));
        using var body = new MemoryStream();
        body.Write("WEBP"u8);
        var alpha = animation.Frames.Any(frame => frame.Image.Alpha is not null) ? HasAlpha : 0;
        WriteChunk(body, "VP8X"u8, [(byte)(IsAnimation | HasXmp | alpha), 0, 0, 0, .. Three(width - 1), .. Three(height - 1)]);
        // A background that is never seen, and no end of repetitions.
        WriteChunk(body, "ANIM"u8, [0xFF, 0xFF, 0xFF, 0xFF, 0, 0]);
        foreach (var (image, duration) in animation.Frames)
            WriteChunk(body, "ANMF"u8,
            [
                .. Three(0), .. Three(0), .. Three(width - 1), .. Three(height - 1), .. Three((int)duration.TotalMilliseconds), DoNotBlend,
                .. Encoded(image),
            ]);
        WriteChunk(body, "XMP "u8, Encoding.UTF8.GetBytes(Description(notes).ToString(SaveOptions.DisableFormatting)));
        WriteChunk(stream, "RIFF"u8, body.ToArray());
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> name, byte[] content)
    {
        stream.Write(name);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, content.Length);
        stream.Write(length);
        stream.Write(content);
        if (content.Length % 2 == 1)
            stream.WriteByte(0);
    }

    private static byte[] Three(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16)];

    // The chunks of a still image, without what is around them.
    private static byte[] Encoded(RgbImage image)
    {
        using var bitmap = Canvas.ToBitmap(image);
        using var pixels = bitmap.PeekPixels();
        using var encoded = pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 75))
            ?? throw new InvalidOperationException("Skia cannot encode WebP.");
        return encoded.ToArray()[RiffHead..];
    }

    private static XElement Description(Sequence<Note> notes)
    {
        XNamespace meta = "adobe:ns:meta/", rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", dc = "http://purl.org/dc/elements/1.1/";
        return new(meta + "xmpmeta", new XAttribute(XNamespace.Xmlns + "x", meta),
            new XElement(rdf + "RDF", new XAttribute(XNamespace.Xmlns + "rdf", rdf),
                new XElement(rdf + "Description", new XAttribute(rdf + "about", ""), new XAttribute(XNamespace.Xmlns + "dc", dc),
                    new XElement(dc + "description", new XElement(rdf + "Alt",
                        new XElement(rdf + "li", new XAttribute(XNamespace.Xml + "lang", "x-default"),
                            string.Join('\n', notes.Select(note => note.Line))))))));
    }
}
