using System.Buffers.Binary;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>One file in the IDX layout of MNIST: big-endian magic number and dimensions, then bytes.</summary>
/// <remarks>LeCun, Cortes and Burges, "The MNIST database of handwritten digits". The magic number is 0x0800 + the rank.</remarks>
/// <param name="Path">Where it was read from.</param>
/// <param name="Dimensions">Its lengths, outermost first.</param>
/// <param name="Bytes">Its content, row-major.</param>
internal sealed record Idx(string Path, int[] Dimensions, byte[] Bytes)
{
    private const int UnsignedBytes = 0x0800;

    /// <summary>Reads a file, gzip or not, that must hold unsigned bytes in <paramref name="rank"/> dimensions.</summary>
    /// <exception cref="InputException">It does not, or its length differs from what its header promises.</exception>
    public static Idx Read(string path, int rank) => InputFile.Reading(path, () => Read(path, OrdinaryFile.Open(path), rank));

    /// <summary>The same for a seekable stream, which is closed.</summary>
    public static Idx Read(string path, Stream file, int rank) => InputFile.Reading(path, () =>
    {
        var (content, atMost) = InputFile.Open(file);
        using var _ = content;
        var magic = ReadInteger(content);
        if (magic != UnsignedBytes + rank)
            throw new InputException(path, $"IDX magic number {magic}", $"{UnsignedBytes + rank} (unsigned bytes, {rank} dimensions)");
        int[] dimensions = [.. Enumerable.Range(0, rank).Select(_ => ReadInteger(content))];
        var promised = Promised(dimensions);
        var header = 4L * (1 + rank);
        var shape = string.Join('×', dimensions);
        if (promised is null or 0 || promised + header > atMost)
            throw new InputException(
                path, $"a header that promises {shape} bytes", $"at least 1 and no more than the file's {atMost - header}");
        var bytes = new byte[promised.Value];
        var length = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length < bytes.Length)
            throw new InputException(path, $"{length} bytes after the header", $"{shape} = {promised}");
        // Asking for one byte more also makes gunzip compare its checksum.
        if (content.ReadByte() >= 0)
            throw new InputException(path, $"more than {promised} bytes after the header", $"{shape} = {promised}");
        return new Idx(path, dimensions, bytes);
    });

    private static int ReadInteger(Stream content)
    {
        Span<byte> bytes = stackalloc byte[4];
        content.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }

    // Null where a dimension is negative or no array could be that long.
    private static int? Promised(int[] dimensions)
    {
        var length = 1L;
        foreach (var dimension in dimensions)
            if (dimension < 0 || (length *= dimension) > Array.MaxLength)
                return null;
        return (int)length;
    }
}
