using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Zip;

namespace Diffusion.Model.Formats.Torch;

/// <summary>Reads the arguments of pickle instructions, one after another, from a range of a file.</summary>
internal sealed class PickleInput(FileBytes file, FileRange range)
{
    private const string What = "the pickle";

    // Longer than any name of a module or class.
    private const int LongestLine = 1000;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Where the next byte is in the file.</summary>
    public long Position { get; private set; } = range.Start;

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>The one number that pickles keep in big-endian order.</summary>
    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>A whole number in two's complement of any length.</summary>
    public BigInteger Integer(int length) => new(Take(length));

    /// <summary>A text of that many bytes of UTF-8; at most what is left is decoded.</summary>
    public string Text(ulong length)
    {
        var start = Position;
        try
        {
            return Strict.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw file.Invalid(start, "a text in the pickle is not UTF-8");
        }
    }

    /// <summary>That many bytes, which are passed over: where they are.</summary>
    public FileRange Bytes(ulong length)
    {
        var start = Position;
        Take(length);
        return new FileRange(start, (long)length);
    }

    /// <summary>A text up to the end of the line.</summary>
    public string Line()
    {
        var most = (int)Min(LongestLine, range.End - Position);
        var length = file.Slice(Position, most, What).IndexOf((byte)'\n');
        if (length < 0)
            throw file.Invalid(Position, $"a line of the pickle has no end within {most} bytes");
        var line = Text((ulong)length);
        Take(1);
        return line;
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(range.End - Position) || length > int.MaxValue)
            throw file.Invalid(Position, $"the pickle needs {length} more bytes, but ends at byte {range.End}");
        var bytes = file.Slice(Position, (int)length, What);
        Position += (long)length;
        return bytes;
    }

    private ReadOnlySpan<byte> Take(int length) => Take((ulong)length);
}
