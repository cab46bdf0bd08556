using System.Buffers.Binary;
using SkiaSharp;

namespace Diffusion.Model.Images;

/// <summary>Reads how the camera was held from the chunk eXIf of a PNG, which the decoder leaves unread.</summary>
/// <remarks>PNG Specification, Third Edition, 11.3.3.5; Exif 2.32, tag 274. What is damaged notes nothing.</remarks>
internal static class PngOrientation
{
    private const ushort Tag = 0x0112;
    private const ushort Short = 3;
    private const int EntryLength = 12;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    /// <summary>The orientation; top left for files that note none or are no PNG.</summary>
    public static SKEncodedOrigin Of(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(Signature))
            return SKEncodedOrigin.TopLeft;
        var rest = file[Signature.Length..];
        // A chunk: its length, its type, its data, a checksum.
        while (rest.Length >= 12)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - 12)
                break;
            if (rest[4..8].SequenceEqual("eXIf"u8))
                return OfExif(rest.Slice(8, (int)length));
            rest = rest[(12 + (int)length)..];
        }
        return SKEncodedOrigin.TopLeft;
    }

    private static SKEncodedOrigin OfExif(ReadOnlySpan<byte> exif)
    {
        // Some writers keep the prefix that a JPEG needs.
        if (exif.StartsWith("Exif\0\0"u8))
            exif = exif[6..];
        var isLittle = exif.StartsWith("II"u8);
        if (exif.Length < 8 || !(isLittle || exif.StartsWith("MM"u8)))
            return SKEncodedOrigin.TopLeft;
        var directory = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]) : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        if (directory > exif.Length - 2)
            return SKEncodedOrigin.TopLeft;
        var entries = exif[(int)directory..];
        var count = Number(entries, isLittle);
        for (var at = 2; count > 0 && at + EntryLength <= entries.Length; at += EntryLength, count--)
            if (Number(entries[at..], isLittle) == Tag && Number(entries[(at + 2)..], isLittle) == Short)
                return Number(entries[(at + 8)..], isLittle) is >= 1 and <= 8 and var noted
                    ? (SKEncodedOrigin)noted
                    : SKEncodedOrigin.TopLeft;
        return SKEncodedOrigin.TopLeft;
    }

    private static ushort Number(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
