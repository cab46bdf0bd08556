using System.Buffers.Binary;
using System.Text;

namespace Diffusion.Host.TensorBoard;

/// <summary>A message in the wire format of protocol buffers, field by field.</summary>
/// <remarks>Google's documentation, "Encoding": a field is its number and wire type, then its value.</remarks>
internal sealed class Message
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Counted = 2;
    private const int Fixed32 = 5;

    private readonly MemoryStream _bytes = new();

    /// <summary>The message's bytes.</summary>
    public byte[] Bytes => _bytes.ToArray();

    /// <summary>A whole number that is not negative.</summary>
    public Message Whole(int field, long value)
    {
        Tag(field, Varint);
        WriteVarint((ulong)value);
        return this;
    }

    /// <summary>A number in double precision.</summary>
    public Message Double(int field, double value)
    {
        Tag(field, Fixed64);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    /// <summary>A number in single precision.</summary>
    public Message Single(int field, float value)
    {
        Tag(field, Fixed32);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    /// <summary>A text.</summary>
    public Message Text(int field, string value) => Content(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A message within this one.</summary>
    public Message Nested(int field, Message value) => Content(field, value.Bytes);

    /// <summary>Bytes of any kind.</summary>
    public Message Content(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, Counted);
        WriteVarint((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    /// <summary>A whole number of a message that is read, or null where it has none or is damaged.</summary>
    public static long? FindWhole(ReadOnlySpan<byte> message, int field)
    {
        while (message.Length > 0)
        {
            var tag = ReadVarint(ref message);
            var value = (tag & 7) == Varint || (tag & 7) == Counted ? ReadVarint(ref message) : 0;
            if (tag == (ulong)(field << 3 | Varint))
                return (long)value;
            var length = (tag & 7) switch { Varint => 0ul, Fixed64 => 8ul, Fixed32 => 4ul, Counted => value, _ => ulong.MaxValue };
            if (length > (ulong)message.Length)
                return null;
            message = message[(int)length..];
        }
        return null;
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0ul;
        for (var shift = 0; shift < 64 && bytes.Length > 0; shift += 7)
        {
            var part = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                break;
        }
        return value;
    }

    private void Tag(int field, int wireType) => WriteVarint((ulong)(field << 3 | wireType));

    private void WriteVarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.WriteByte((byte)(value | 0x80));
        _bytes.WriteByte((byte)value);
    }
}
