using System.Buffers.Binary;
using System.Numerics;

namespace Diffusion.Host.TensorBoard;

/// <summary>Records of an event file, each between checksums: length, its checksum, content, its checksum.</summary>
/// <remarks>
/// TensorFlow's documentation, "TFRecord and tf.train.Example", section "TFRecords format details"; the checksum is CRC-32C, RFC 3720, B.4.
/// </remarks>
public static class EventRecord
{
    private const int Head = 12;
    private const int Tail = 4;

    /// <summary>Writes one record.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> content)
    {
        var record = new byte[Head + content.Length + Tail];
        BinaryPrimitives.WriteInt64LittleEndian(record, content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Masked(record.AsSpan(0, 8)));
        content.CopyTo(record.AsSpan(Head));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(Head + content.Length), Masked(content));
        stream.Write(record);
    }

    /// <summary>The contents of a file's records, up to the first that is cut off or damaged.</summary>
    public static IEnumerable<byte[]> Read(byte[] file)
    {
        for (var at = 0; at + Head + Tail <= file.Length;)
        {
            var length = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));
            if (length < 0 || length > file.Length - at - Head - Tail
                || Masked(file.AsSpan(at, 8)) != BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)))
                yield break;
            var content = file.AsSpan(at + Head, (int)length).ToArray();
            at += Head + (int)length;
            if (Masked(content) != BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)))
                yield break;
            at += Tail;
            yield return content;
        }
    }

    /// <summary>CRC-32C, Castagnoli's polynomial.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    // Rotated and shifted, so that the checksum of something that holds its own checksum is still a good one.
    private static uint Masked(ReadOnlySpan<byte> bytes) => BitOperations.RotateRight(Checksum(bytes), 15) + 0xA282EAD8;
}
