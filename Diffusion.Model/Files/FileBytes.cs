using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Diffusion.Model.Files;

/// <summary>The bytes of a file, mapped into memory or held there, read by offset; never beyond their end.</summary>
/// <remarks>A mapped file is not copied: only the pages that are touched are read. It must not be shortened while it is open.</remarks>
public sealed unsafe class FileBytes : IDisposable
{
    private readonly Action _release;
    private byte* _start;

    private FileBytes(string path, byte* start, long length, Action release)
    {
        Path = path;
        _start = start;
        Length = length;
        _release = release;
    }

    /// <summary>The file's path, for messages.</summary>
    public string Path { get; }

    /// <summary>Number of bytes.</summary>
    public long Length { get; }

    /// <summary>Maps the file at <paramref name="path"/>.</summary>
    /// <exception cref="IOException">The file is missing or cannot be opened, or it is a pipe, a socket or a device.</exception>
    public static FileBytes Map(string path)
    {
        OrdinaryFile.Require(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        // An empty file cannot be mapped.
        if (stream.Length == 0)
            return Of(path, []);
        using var map = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        var view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        return new FileBytes(path, start + view.PointerOffset, stream.Length, () =>
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
        });
    }

    /// <summary>Takes <paramref name="content"/> for the content of a file called <paramref name="path"/>.</summary>
    public static FileBytes Of(string path, byte[] content)
    {
        var pin = GCHandle.Alloc(content, GCHandleType.Pinned);
        return new FileBytes(path, (byte*)pin.AddrOfPinnedObject(), content.Length, pin.Free);
    }

    /// <summary>The <paramref name="count"/> bytes from <paramref name="offset"/>, which hold <paramref name="what"/>.</summary>
    /// <exception cref="InvalidFileException">They reach beyond the file.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int count, string what)
    {
        Require(offset, count, what);
        return new ReadOnlySpan<byte>(_start + offset, count);
    }

    /// <summary>A stream over the bytes that hold <paramref name="what"/>.</summary>
    /// <exception cref="InvalidFileException">They reach beyond the file.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public Stream OpenStream(long offset, long count, string what)
    {
        Require(offset, count, what);
        return new UnmanagedMemoryStream(_start + offset, count);
    }

    /// <summary>Makes sure that the file has the bytes that hold <paramref name="what"/>.</summary>
    /// <exception cref="InvalidFileException">They reach beyond the file.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public void Require(long offset, long count, string what)
    {
        ObjectDisposedException.ThrowIf(_start is null && Length > 0, this);
        if (offset < 0 || count < 0 || offset > Length || count > Length - offset)
            throw Invalid(offset, $"{what} needs {count} bytes, but the file has {Length} in all");
    }

    /// <summary>A little-endian 16-bit number.</summary>
    /// <exception cref="InvalidFileException">It reaches beyond the file.</exception>
    public ushort UInt16(long offset, string what) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(offset, 2, what));

    /// <summary>A little-endian 32-bit number.</summary>
    /// <exception cref="InvalidFileException">It reaches beyond the file.</exception>
    public uint UInt32(long offset, string what) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(offset, 4, what));

    /// <summary>A little-endian 64-bit number.</summary>
    /// <exception cref="InvalidFileException">It reaches beyond the file.</exception>
    public ulong UInt64(long offset, string what) => BinaryPrimitives.ReadUInt64LittleEndian(Slice(offset, 8, what));

    /// <summary>The exception that says what is wrong at <paramref name="offset"/>.</summary>
    public InvalidFileException Invalid(long offset, string reason) => new(Path, offset, reason);

    /// <summary>Makes something that keeps these bytes open, or closes them where that fails.</summary>
    internal T OrDispose<T>(Func<T> open)
    {
        try
        {
            return FileKind.OtherThanArrays(Length, Slice(0, (int)Min(Length, FileKind.Looked), "the beginning")) is { } other
                ? throw InvalidFileException.OfKind(Path, other)
                : open();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Unmaps or releases the bytes.</summary>
    public void Dispose()
    {
        if (_start is null)
            return;
        _start = null;
        _release();
    }
}
