using System.Buffers.Binary;

namespace Diffusion.Model.Datasets;

/// <summary>Says in words by which method an entry of a zip archive is compressed: the class that reads archives does not tell.</summary>
/// <remarks>PKWARE APPNOTE 6.3, sections 4.3.12, 4.3.16 and 4.4.5.</remarks>
internal static class ZipMethods
{
    private const int EndSize = 22;
    private const int LongestComment = ushort.MaxValue;
    private const int RecordSize = 46;

    /// <summary>The method of entry number <paramref name="index"/>; null where it is one that is read, or cannot be told.</summary>
    public static string? Unread(Stream archive, int index)
    {
        var tail = new byte[Min(archive.Length, EndSize + LongestComment)];
        archive.Position = archive.Length - tail.Length;
        archive.ReadExactly(tail);
        var end = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || end > tail.Length - EndSize)
            return null;
        archive.Position = Min(BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16)), archive.Length);
        Span<byte> record = stackalloc byte[RecordSize];
        for (var at = 0; archive.ReadAtLeast(record, RecordSize, throwOnEndOfStream: false) == RecordSize
            && record.StartsWith("PK\u0001\u0002"u8); at++)
        {
            if (at == index)
                return Name(BinaryPrimitives.ReadUInt16LittleEndian(record[10..]));
            int Field(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            archive.Position += Field(record[28..]) + Field(record[30..]) + Field(record[32..]);
        }
        return null;
    }

    private static string? Name(ushort method) => method switch
    {
        0 or 8 or 9 => null,
        12 => "bzip2",
        14 => "LZMA",
        93 => "Zstandard",
        95 => "XZ",
        98 => "PPMd",
        99 => "AES encryption",
        _ => $"method {method}",
    };
}
