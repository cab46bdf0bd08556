using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Matlab;

/// <summary>Arrays of numbers in a file of MATLAB, level 5.</summary>
/// <remarks>
/// MathWorks, "MAT-File Format": a header of 128 bytes, then elements of a tag (type and length) and data, each matrix an element of
/// its own, which may be deflated. Elements of another kind, complex and sparse arrays, texts, cells and objects are passed over or refused
/// by name. Files of level 7.3 are HDF5 and are not read.
/// </remarks>
internal static class MatFile
{
    private const int HeaderLength = 128;
    private const int Matrix = 14;
    private const int Compressed = 15;
    private const int MostDimensions = 8;
    private const int LongestName = 256;
    private const int ComplexFlag = 0x08;

    /// <summary>The wanted arrays of a file.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="file">Its content from the beginning; seekable.</param>
    /// <param name="most">The most bytes of an array.</param>
    /// <param name="names">The names of the arrays that are read; others are passed over.</param>
    /// <exception cref="InputException">It is no such file, or damaged, or an array is larger.</exception>
    public static IReadOnlyDictionary<string, MatArray> Read(string path, Stream file, long most, params Sequence<string> names) =>
        InputFile.Reading(path, () =>
        {
            var header = new byte[HeaderLength];
            file.ReadExactly(header);
            // The mark says in which order the writer had its bytes.
            if (header is not [.., 0, 1, (byte)'I', (byte)'M'])
                throw new InputException(path, FileKind.OtherThanArrays(file.Length, header) is { } kind && kind != "a MATLAB file"
                    ? kind : "no MATLAB file of level 5 in little-endian order", "one that begins with its header");
            var found = new Dictionary<string, MatArray>();
            while (file.Position < file.Length)
            {
                var (type, length) = Tag(path, file);
                if (length > file.Length - file.Position)
                    throw new InputException(path, $"an element of {length} bytes beyond the end", "an undamaged file");
                var next = file.Position + length;
                if (type == Compressed)
                {
                    var deflated = new byte[length];
                    file.ReadExactly(deflated);
                    using var content = new ZLibStream(new MemoryStream(deflated), CompressionMode.Decompress);
                    var (inner, size) = Tag(path, content);
                    if (inner == Matrix)
                        Keep(new Element(path, content, Min(size, InputFile.Expanded(length)), most));
                }
                else if (type == Matrix)
                    Keep(new Element(path, file, length, most));
                file.Position = next;
            }
            return found;

            void Keep(Element element)
            {
                if (element.Read(names) is { } array && !found.TryAdd(array.Name, array))
                    throw new InputException(path, $"a second array {array.Name}", "each array once");
            }
        });

    private static (int Type, long Length) Tag(string path, Stream content)
    {
        Span<byte> tag = stackalloc byte[8];
        content.ReadExactly(tag);
        var (type, length) = (BinaryPrimitives.ReadInt32LittleEndian(tag), BinaryPrimitives.ReadUInt32LittleEndian(tag[4..]));
        return type is > 0 and <= 18
            ? (type, length) : throw new InputException(path, $"an element of type {type}", "one of the types of MATLAB, 1 to 18");
    }

    /// <summary>A matrix that is read from its beginning: no more than it says, and no more than fits.</summary>
    private sealed class Element(string path, Stream content, long length, long most)
    {
        private long _left = length;

        /// <summary>The array; null where it is not wanted or not one of numbers.</summary>
        public MatArray? Read(Sequence<string> names)
        {
            var (flagType, flags) = Small(8);
            if (flagType != 6 || flags.Length != 8)
                throw Damaged("no flags");
            var (sizeType, sizes) = Small(4 * MostDimensions);
            if (sizeType != 5 || sizes.Length < 8 || sizes.Length % 4 != 0)
                throw Damaged("no dimensions");
            var (nameType, name) = Small(LongestName);
            if (nameType != 1)
                throw Damaged("no name");
            var called = Encoding.Latin1.GetString(name);
            // Classes 6 to 15 are of numbers.
            if (!names.Contains(called))
                return null;
            if (flags[0] is < 6 or > 15 || (flags[1] & ComplexFlag) != 0)
                throw new InputException(path, $"{called}, an array of another kind", "one of real numbers");
            int[] dimensions = [.. Enumerable.Range(0, sizes.Length / 4)
                .Select(at => BinaryPrimitives.ReadInt32LittleEndian(sizes.AsSpan(4 * at)))];
            return new(called, dimensions, Numbers(called, dimensions));
        }

        private byte[] Numbers(string name, int[] dimensions)
        {
            var (type, data, length) = Begin();
            var size = MatArray.SizeOf(type) ?? throw Damaged($"elements of type {type} in {name}");
            var promised = dimensions.Aggregate((Int128)size, (product, side) => side < 0 || product > long.MaxValue ? -1 : product * side);
            if (promised != length)
                throw Damaged($"{length} bytes in {name} of {string.Join('×', dimensions)}");
            if (length > Min(most, Array.MaxLength))
                throw new InputException(path, $"{name} of {length} bytes", $"at most {Min(most, Array.MaxLength)}");
            var numbers = new byte[1 + length];
            numbers[0] = (byte)type;
            if (data is not null)
                data.CopyTo(numbers.AsSpan(1));
            else
                ReadExactly(numbers.AsSpan(1));
            return numbers;
        }

        // A part that is kept whole: its type and its bytes.
        private (int Type, byte[] Data) Small(int longest)
        {
            var (type, data, length) = Begin();
            if (data is not null)
                return (type, data);
            if (length > longest)
                throw Damaged($"a part of {length} bytes");
            var bytes = new byte[(length + 7) / 8 * 8];
            ReadExactly(bytes);
            return (type, bytes[..(int)length]);
        }

        // Up to four bytes stand in the tag itself.
        private (int Type, byte[]? Data, long Length) Begin()
        {
            var tag = new byte[8];
            ReadExactly(tag);
            var (type, small) = (BinaryPrimitives.ReadUInt16LittleEndian(tag), BinaryPrimitives.ReadUInt16LittleEndian(tag.AsSpan(2)));
            if (small > 4)
                throw Damaged($"a small part of {small} bytes");
            return small > 0 ? (type, tag[4..(4 + small)], small) : (type, null, BinaryPrimitives.ReadUInt32LittleEndian(tag.AsSpan(4)));
        }

        private void ReadExactly(Span<byte> bytes)
        {
            if (bytes.Length > _left)
                throw Damaged("a part that reaches beyond it");
            _left -= bytes.Length;
            content.ReadExactly(bytes);
        }

        private InputException Damaged(string what) => new(path, $"an array with {what}", "an undamaged file");
    }
}

/// <summary>An array of a MATLAB file.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Dimensions">Its sizes; the first varies fastest.</param>
/// <param name="Stored">The type of its elements, a byte, and the elements, little-endian.</param>
internal sealed record MatArray(string Name, int[] Dimensions, byte[] Stored)
{
    private const int UInt8 = 2;

    /// <summary>How many elements.</summary>
    public int Count => (Stored.Length - 1) / SizeOf(Stored[0])!.Value;

    /// <summary>The elements of an array that is stored as bytes; null for another one.</summary>
    public ReadOnlySpan<byte> Bytes => Stored[0] == UInt8 ? Stored.AsSpan(1) : [];

    /// <summary>Whether it is stored as bytes.</summary>
    public bool IsOfBytes => Stored[0] == UInt8;

    /// <summary>An element as a number.</summary>
    public double this[int index]
    {
        get
        {
            var size = SizeOf(Stored[0])!.Value;
            var at = Stored.AsSpan(1 + index * size, size);
            return Stored[0] switch
            {
                1 => (sbyte)at[0],
                UInt8 => at[0],
                3 => BinaryPrimitives.ReadInt16LittleEndian(at),
                4 => BinaryPrimitives.ReadUInt16LittleEndian(at),
                5 => BinaryPrimitives.ReadInt32LittleEndian(at),
                6 => BinaryPrimitives.ReadUInt32LittleEndian(at),
                7 => BinaryPrimitives.ReadSingleLittleEndian(at),
                9 => BinaryPrimitives.ReadDoubleLittleEndian(at),
                12 => BinaryPrimitives.ReadInt64LittleEndian(at),
                _ => BinaryPrimitives.ReadUInt64LittleEndian(at),
            };
        }
    }

    /// <summary>The bytes of an element of a type; null where it is none of numbers.</summary>
    internal static int? SizeOf(int type) => type switch
    {
        1 or UInt8 => 1,
        3 or 4 => 2,
        5 or 6 or 7 => 4,
        9 or 12 or 13 => 8,
        _ => null,
    };
}
