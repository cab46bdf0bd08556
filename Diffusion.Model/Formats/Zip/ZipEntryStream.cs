using System.IO.Hashing;
using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Zip;

/// <summary>The content of a zip entry; whatever is wrong with it, its checksum too, is an <see cref="InvalidFileException"/>.</summary>
internal sealed class ZipEntryStream(FileBytes file, ZipEntry entry, Stream content) : Stream
{
    private readonly Crc32 _checksum = new();
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => entry.Length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var wanted = buffer[..(int)Min(buffer.Length, entry.Length - _position)];
        if (wanted.IsEmpty)
            return 0;
        var count = ReadContent(wanted);
        if (count == 0)
            throw entry.Invalid(file, _position, $"the content ends after {_position} of {entry.Length} bytes");
        _checksum.Append(wanted[..count]);
        _position += count;
        if (_position == entry.Length)
            CheckEnd();
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            content.Dispose();
        base.Dispose(disposing);
    }

    private int ReadContent(Span<byte> buffer)
    {
        try
        {
            return content.Read(buffer);
        }
        catch (InvalidDataException)
        {
            throw entry.Invalid(file, _position, "the deflated data are damaged");
        }
    }

    private void CheckEnd()
    {
        entry.Require(file, _checksum);
        Span<byte> further = stackalloc byte[1];
        if (ReadContent(further) > 0)
            throw entry.Invalid(file, _position, $"the content goes on after the {entry.Length} bytes that the directory says");
    }
}
