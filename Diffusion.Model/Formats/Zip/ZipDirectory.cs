using System.Text;
using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Zip;

/// <summary>Reads the directory of a zip file and checks it: nothing may overlap, repeat, hide or reach beyond the file.</summary>
/// <remarks>PKWARE APPNOTE 6.3, sections 4.3 and 4.5: local headers and data, then the central directory, then its end record, which for
/// large files is preceded by the zip64 records. Entries are stored or deflated, in one part, not encrypted.</remarks>
internal sealed class ZipDirectory
{
    private const uint LocalSignature = 0x04034b50;
    private const uint CentralSignature = 0x02014b50;
    private const int LocalSize = 30;
    private const int CentralSize = 46;
    private const int LargestExpansion = 1032;

    // What an entry takes in memory besides its name: the objects, and their share of the tables that check it.
    private const int EntryCost = 300;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly FileBytes _file;
    private readonly ReadBudget _budget;
    private readonly List<(ZipEntry Entry, FileRange Whole)> _entries = [];

    private ZipDirectory(FileBytes file, ReadBudget budget) => (_file, _budget) = (file, budget);

    /// <summary>The entries, in the order of the directory; folders are left out.</summary>
    /// <exception cref="InvalidFileException">It is not a zip file, or a damaged one, or one of a kind that is not supported.</exception>
    public static IReadOnlyList<ZipEntry> Read(FileBytes file, ReadBudget budget)
    {
        var directory = new ZipDirectory(file, budget);
        var end = ZipEnd.Find(file);
        var position = end.Directory.Start;
        for (long index = 0; index < end.Entries; index++)
            position = directory.ReadEntry(position, end.Directory);
        if (position != end.Directory.End)
            throw file.Invalid(position, $"{end.Directory.End - position} bytes follow the last entry of the zip directory");
        directory.CheckDisjoint();
        return [.. directory._entries.Select(row => row.Entry).Where(entry => !entry.Name.EndsWith('/'))];
    }

    private long ReadEntry(long position, FileRange directory)
    {
        if (_file.UInt32(position, "an entry of the zip directory") != CentralSignature)
            throw _file.Invalid(position, "this is not an entry of a zip directory");
        _file.Require(position, CentralSize, "an entry of the zip directory");
        var (nameLength, extraLength) = (_file.UInt16(position + 28, "name"), _file.UInt16(position + 30, "extra"));
        var next = position + CentralSize + nameLength + extraLength + _file.UInt16(position + 32, "comment");
        if (next > directory.End)
            throw _file.Invalid(position, $"the entry ends at byte {next}, but the zip directory at {directory.End}");
        _budget.Charge(EntryCost + sizeof(char) * nameLength, position);
        var name = ReadName(position + CentralSize, nameLength);
        if ((_file.UInt16(position + 8, "flags") & 1) != 0)
            throw _file.Invalid(position, $"'{name}' is encrypted");
        var method = (ZipMethod)_file.UInt16(position + 10, "method");
        if (method is not (ZipMethod.Stored or ZipMethod.Deflated))
            throw _file.Invalid(
                position, $"'{name}' is compressed with {NameOf(method)}, which is not supported; pack it again with deflate");
        var sizes = ZipSizes.Read(_file, position, new FileRange(position + CentralSize + nameLength, extraLength));
        if (sizes.Content < 0 || method == ZipMethod.Stored && sizes.Compressed != sizes.Content)
            throw _file.Invalid(position, $"'{name}' is said to have {sizes.Content} bytes, kept in {sizes.Compressed}");
        // Deflate never expands further: a longer promise is a lie, known before any memory is taken.
        if (method == ZipMethod.Deflated && sizes.Content / LargestExpansion > sizes.Compressed)
            throw _file.Invalid(
                position, $"'{name}' is said to unpack from {sizes.Compressed} bytes to {sizes.Content}, more than deflate can");
        var data = FindData(name, sizes, directory.Start);
        var entry = new ZipEntry(name, method, _file.UInt32(position + 16, "checksum"), sizes.Content, data);
        _entries.Add((entry, new FileRange(sizes.LocalHeader, data.End - sizes.LocalHeader)));
        return next;
    }

    private static string NameOf(ZipMethod method) => (int)method switch
    {
        9 => "deflate64",
        12 => "bzip2",
        14 => "LZMA",
        93 => "Zstandard",
        95 => "XZ",
        99 => "AES encryption",
        _ => $"method {(int)method}",
    };

    private string ReadName(long position, int length)
    {
        try
        {
            return Strict.GetString(_file.Slice(position, length, "the name of an entry"));
        }
        catch (DecoderFallbackException)
        {
            throw _file.Invalid(position, "the name of the entry is not UTF-8");
        }
    }

    // The local header repeats what the directory says; all it is needed for is where the data begin.
    private FileRange FindData(string name, ZipSizes sizes, long directoryStart)
    {
        var local = sizes.LocalHeader;
        if (local < 0 || local > directoryStart || _file.UInt32(local, $"the header of '{name}'") != LocalSignature)
            throw _file.Invalid(Max(local, 0), $"there is no header of '{name}'");
        _file.Require(local, LocalSize, $"the header of '{name}'");
        var nameLength = _file.UInt16(local + 26, "name");
        var start = local + LocalSize + nameLength + _file.UInt16(local + 28, "extra");
        if (!ReadName(local + LocalSize, nameLength).Equals(name, StringComparison.Ordinal))
            throw _file.Invalid(local, $"the directory calls '{name}' what has another name here");
        if (sizes.Compressed < 0 || start > directoryStart || sizes.Compressed > directoryStart - start)
            throw _file.Invalid(local, $"'{name}' has {sizes.Compressed} bytes, which reach into the zip directory");
        return new FileRange(start, sizes.Compressed);
    }

    // Overlapping entries are how a small zip file holds more than any honest one can.
    private void CheckDisjoint()
    {
        var names = new HashSet<string>();
        var reached = 0L;
        foreach (var (entry, whole) in _entries.OrderBy(row => row.Whole.Start))
        {
            if (whole.Start < reached)
                throw _file.Invalid(whole.Start, $"'{entry.Name}' overlaps the entry before it");
            if (!names.Add(entry.Name))
                throw _file.Invalid(whole.Start, $"the name '{entry.Name}' occurs twice");
            reached = whole.End;
        }
    }
}
