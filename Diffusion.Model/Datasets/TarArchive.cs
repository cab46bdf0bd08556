using System.Globalization;
using System.Text;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>A file in a tar archive, or a link to one.</summary>
/// <param name="Name">Its path in the archive.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Kind">What it is.</param>
internal sealed record TarFile(string Name, long Length, TarKind Kind);

/// <summary>What an entry of a tar archive is.</summary>
internal enum TarKind
{
    /// <summary>An ordinary file.</summary>
    File,

    /// <summary>Another name of a file: a hard or a symbolic link. It has no bytes, and is not followed.</summary>
    Link,

    /// <summary>A file of which only the parts between its holes are there.</summary>
    Sparse,
}

/// <summary>Reads a tar archive from front to back; whatever is in it, no more memory is taken than for one header.</summary>
/// <remarks>
/// IEEE 1003.1, pax interchange format: blocks of 512 bytes, a header before each file. Names longer than a header's, and sizes from 8 GiB,
/// come as GNU tar and as pax write them.
/// </remarks>
/// <param name="place">The archive's name, for messages.</param>
/// <param name="content">The archive, unpacked.</param>
/// <param name="atMost">More bytes than it can possibly have.</param>
internal sealed class TarArchive(string place, Stream content, long atMost)
{
    private const int Block = 512;
    // Names are the longest thing in the headers of a header.
    private const int LongestDescription = 1 << 16;

    private readonly byte[] _header = new byte[Block];
    private long _left;
    private long _padding;

    /// <summary>The next file or link, no folder and no device; null at the end.</summary>
    /// <exception cref="InputException">The archive is damaged.</exception>
    /// <exception cref="EndOfStreamException">It ends too soon.</exception>
    public TarFile? Next()
    {
        string? longName = null;
        long? longSize = null;
        var hasHoles = false;
        while (true)
        {
            Skip(_left + _padding);
            (_left, _padding) = (0, 0);
            if (!ReadHeader())
                return null;
            var kind = (char)_header[156];
            var isDescription = kind is 'L' or 'K' or 'x' or 'g';
            Begin(isDescription ? Size() : longSize ?? Size());
            if (kind == 'L')
                longName = Text(Description());
            else if (kind == 'x')
                ReadPax(Description(), ref longName, ref longSize, ref hasHoles);
            else if (!isDescription)
            {
                var name = longName ?? ShortName();
                if (kind is '0' or '7' or '\0')
                    return new(name, _left, hasHoles ? TarKind.Sparse : TarKind.File);
                if (kind is 'S' or '1' or '2')
                    return new(name, _left, kind == 'S' ? TarKind.Sparse : TarKind.Link);
                (longName, longSize, hasHoles) = (null, null, false);
            }
        }
    }

    /// <summary>Reads the bytes of the file that comes next.</summary>
    /// <exception cref="EndOfStreamException">It ends too soon.</exception>
    public void ReadExactly(Span<byte> bytes)
    {
        content.ReadExactly(bytes);
        _left -= bytes.Length;
    }

    private bool ReadHeader()
    {
        var length = content.ReadAtLeast(_header, Block, throwOnEndOfStream: false);
        if (length == 0 || length == Block && !_header.AsSpan().ContainsAnyExcept((byte)0))
            return false;
        if (length < Block)
            throw new EndOfStreamException();
        // The checksum itself counts as eight spaces.
        var sum = 8 * ' ';
        for (var at = 0; at < Block; at++)
            sum += at is >= 148 and < 156 ? 0 : _header[at];
        return Octal(148, 8) == sum ? true : throw new InputException(place, "a damaged header (its checksum is wrong)", "a tar archive");
    }

    private void Begin(long size)
    {
        if (size < 0 || size > atMost)
            throw new InputException(place, $"a file of {size} bytes inside", $"no more than the {atMost} that the archive can hold");
        (_left, _padding) = (size, (Block - size % Block) % Block);
    }

    private long Size()
    {
        // Base 256, for sizes of more than eleven octal digits.
        if (_header[124] < 0x80)
            return Octal(124, 12);
        var size = (long)(_header[124] & 0x7F);
        for (var at = 125; at < 136; at++)
            size = size <= long.MaxValue >> 8
                ? size << 8 | _header[at]
                : throw new InputException(place, "a file of more bytes than can be counted", "a tar archive");
        return size;
    }

    private long Octal(int start, int length)
    {
        var text = Encoding.Latin1.GetString(_header, start, length).Trim(' ', '\0');
        var number = 0L;
        foreach (var digit in text)
            number = digit is >= '0' and <= '7'
                ? 8 * number + (digit - '0')
                : throw new InputException(place, "a damaged header (a number is none)", "a tar archive");
        return number;
    }

    private byte[] Description()
    {
        if (_left > LongestDescription)
            throw new InputException(place, $"a name of {_left} bytes inside", $"at most {LongestDescription}");
        var bytes = new byte[_left];
        ReadExactly(bytes);
        return bytes;
    }

    // Lines of "LENGTH KEY=VALUE\n", where the length counts the whole line.
    private void ReadPax(byte[] description, ref string? name, ref long? size, ref bool hasHoles)
    {
        for (var rest = description.AsSpan(); !rest.IsEmpty;)
        {
            var space = rest.IndexOf((byte)' ');
            if (space < 1 || !int.TryParse(rest[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1 || length > rest.Length)
                throw new InputException(place, "a damaged header (pax)", "a tar archive");
            var line = Encoding.UTF8.GetString(rest[(space + 1)..length]).TrimEnd('\n');
            if (line.StartsWith("path=", StringComparison.Ordinal))
                name = line["path=".Length..];
            else if (line.StartsWith("size=", StringComparison.Ordinal))
                size = long.TryParse(line["size=".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : throw new InputException(place, "a damaged header (pax size)", "a tar archive");
            hasHoles |= line.StartsWith("GNU.sparse.", StringComparison.Ordinal);
            rest = rest[length..];
        }
    }

    private string ShortName()
    {
        var name = Text(_header.AsSpan(0, 100));
        var prefix = _header.AsSpan(257).StartsWith("ustar\0"u8) ? Text(_header.AsSpan(345, 155)) : "";
        return prefix == "" ? name : $"{prefix}/{name}";
    }

    private static string Text(ReadOnlySpan<byte> bytes) =>
        Encoding.UTF8.GetString(bytes.IndexOf((byte)0) is >= 0 and var end ? bytes[..end] : bytes);

    private void Skip(long count)
    {
        if (content.CanSeek)
        {
            if (count > content.Length - content.Position)
                throw new EndOfStreamException();
            content.Position += count;
            return;
        }
        Span<byte> piece = stackalloc byte[1 << 12];
        for (; count > 0; count -= Min(count, piece.Length))
            content.ReadExactly(piece[..(int)Min(count, piece.Length)]);
    }
}
