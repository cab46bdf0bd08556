using System.IO.Compression;
using System.IO.Hashing;
using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Zip;

/// <summary>How the bytes of a zip entry are kept.</summary>
internal enum ZipMethod
{
    Stored = 0,
    Deflated = 8,
}

/// <summary>One file inside a zip file, as the central directory tells.</summary>
/// <param name="Name">Its name, with <c>/</c> between folders.</param>
/// <param name="Method">How its bytes are kept.</param>
/// <param name="Checksum">CRC-32 of its content.</param>
/// <param name="Length">Bytes of its content.</param>
/// <param name="Data">Where in the zip file it is kept.</param>
internal sealed record ZipEntry(string Name, ZipMethod Method, uint Checksum, long Length, FileRange Data)
{
    private const int Piece = 1 << 20;

    /// <summary>The content, checked against the checksum when its end is reached.</summary>
    public Stream Open(FileBytes file)
    {
        var stored = file.OpenStream(Data.Start, Data.Length, Name);
        return new ZipEntryStream(file, this, Method == ZipMethod.Stored ? stored : new DeflateStream(stored, CompressionMode.Decompress));
    }

    /// <summary>
    /// Checks the content of an entry that is stored, piece by piece where it lies; a checksum of 0 is one that nobody computed.
    /// </summary>
    /// <exception cref="InvalidFileException">It is not what was written.</exception>
    public void Verify(FileBytes file)
    {
        if (Checksum == 0)
            return;
        var found = new Crc32();
        for (var at = 0L; at < Length; at += Piece)
            found.Append(file.Slice(Data.Start + at, (int)Min(Piece, Length - at), Name));
        Require(file, found);
    }

    /// <summary>Makes sure that the content has its checksum.</summary>
    /// <exception cref="InvalidFileException">It has another.</exception>
    public void Require(FileBytes file, Crc32 found)
    {
        if (found.GetCurrentHashAsUInt32() is var checksum && checksum != Checksum)
            throw Invalid(file, 0, $"the content has the checksum {checksum:X8}, but the directory says {Checksum:X8}");
    }

    /// <summary>The exception that says what is wrong at <paramref name="position"/> of the content.</summary>
    /// <remarks>A place in deflated content has none in the file: its beginning is named instead.</remarks>
    public InvalidFileException Invalid(FileBytes file, long position, string reason) =>
        file.Invalid(Data.Start + (Method == ZipMethod.Stored ? position : 0), $"in '{Name}': {reason}");
}

/// <summary>A range of a file's bytes.</summary>
internal readonly record struct FileRange(long Start, long Length)
{
    public long End => Start + Length;
}
