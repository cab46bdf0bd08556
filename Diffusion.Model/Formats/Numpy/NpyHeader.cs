using System.Buffers.Binary;
using System.Text;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;

namespace Diffusion.Model.Formats.Numpy;

/// <summary>In which order NumPy keeps the elements of an array.</summary>
public enum NpyOrder
{
    /// <summary>Row-major: the last index runs fastest.</summary>
    C,

    /// <summary>Column-major: the first index runs fastest.</summary>
    Fortran,
}

/// <summary>What the header of an <c>.npy</c> file says of the array.</summary>
/// <remarks>NumPy's format 1.0 to 3.0: the magic bytes, two bytes of version, the length of the text (2 bytes in version 1, then 4), and
/// the text: a Python dictionary of <c>descr</c>, <c>fortran_order</c> and <c>shape</c>, Latin-1 up to version 2 and UTF-8 in 3.</remarks>
/// <param name="Type">What the elements are.</param>
/// <param name="Shape">The sizes of the array.</param>
/// <param name="Order">The order of the elements.</param>
internal sealed record NpyHeader(ElementType Type, TensorShape Shape, NpyOrder Order)
{
    // The data begin at a multiple of this.
    private const int Alignment = 64;

    // NumPy's own headers are about 100 bytes; version 1 cannot hold more than this.
    private const int LongestText = ushort.MaxValue;

    /// <summary>How every array begins.</summary>
    internal static readonly byte[] Magic = [0x93, .. "NUMPY"u8];

    /// <summary>Says what is wrong at a position of the stream.</summary>
    public delegate InvalidFileException Refusal(long position, string reason);

    /// <summary>Reads the header, and leaves <paramref name="stream"/> where the data begin.</summary>
    /// <returns>The header, and its length in bytes.</returns>
    /// <exception cref="InvalidFileException">From <paramref name="refuse"/>.</exception>
    public static (NpyHeader Header, long Length) Read(Stream stream, Refusal refuse)
    {
        Span<byte> start = stackalloc byte[Magic.Length + 2];
        if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start.StartsWith(Magic))
            throw refuse(0, "this is not an array of NumPy: the magic bytes are missing");
        if (start[^2] is not (1 or 2 or 3) || start[^1] != 0)
            throw refuse(Magic.Length, $"format {start[^2]}.{start[^1]} is not supported; 1.0, 2.0 and 3.0 are");
        Span<byte> size = stackalloc byte[sizeof(uint)];
        size.Clear();
        var sizeLength = start[^2] == 1 ? sizeof(ushort) : sizeof(uint);
        if (stream.ReadAtLeast(size[..sizeLength], sizeLength, throwOnEndOfStream: false) < sizeLength)
            throw refuse(start.Length, "the header is cut off");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > LongestText)
            throw refuse(start.Length, $"the header claims {length} bytes, but at most {LongestText} are allowed");
        var text = new byte[length];
        if (stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) < text.Length)
            throw refuse(start.Length, $"the header claims {length} bytes, but the array ends within");
        var textStart = start.Length + sizeLength;
        var encoding = start[^2] == 3 ? Encoding.UTF8 : Encoding.Latin1;
        return (NpyHeaderText.Parse(encoding.GetString(text), (at, reason) => refuse(textStart + at, reason)), textStart + length);
    }

    /// <summary>The header as NumPy writes it: version 1.0, padded so that the data are aligned.</summary>
    public byte[] ToBytes()
    {
        var sizes = Shape.Count == 1 ? $"({Shape[0]},)" : $"({string.Join(", ", Shape)})";
        var order = Order == NpyOrder.Fortran ? "True" : "False";
        var text = $"{{'descr': '{NpyCodes.Of(Type)}', 'fortran_order': {order}, 'shape': {sizes}, }}";
        var unpadded = Magic.Length + 4 + text.Length + 1;
        var padding = (Alignment - unpadded % Alignment) % Alignment;
        var length = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)(text.Length + padding + 1));
        return [.. Magic, 1, 0, .. length, .. Encoding.Latin1.GetBytes(text), .. Enumerable.Repeat((byte)' ', padding), (byte)'\n'];
    }
}
