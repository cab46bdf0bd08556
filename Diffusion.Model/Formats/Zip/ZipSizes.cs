using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Zip;

/// <summary>The sizes that a directory entry of a zip file tells, which may be in its zip64 extension.</summary>
/// <param name="Compressed">Bytes in the zip file.</param>
/// <param name="Content">Bytes of the content.</param>
/// <param name="LocalHeader">Where the entry's local header is.</param>
internal readonly record struct ZipSizes(long Compressed, long Content, long LocalHeader)
{
    private const ushort Zip64 = 1;

    /// <summary>Reads the sizes of the entry at <paramref name="position"/>, which has the extra fields <paramref name="extra"/>.</summary>
    /// <exception cref="InvalidFileException">A number that must be in the extension is not.</exception>
    public static ZipSizes Read(FileBytes file, long position, FileRange extra)
    {
        var wide = FindZip64(file, extra);
        // APPNOTE 4.5.3: only the numbers that do not fit are in the extension, in this order.
        var content = Widen(file, file.UInt32(position + 24, "size"), ref wide);
        var compressed = Widen(file, file.UInt32(position + 20, "compressed size"), ref wide);
        return new ZipSizes(compressed, content, Widen(file, file.UInt32(position + 42, "place"), ref wide));
    }

    private static long Widen(FileBytes file, uint number, ref FileRange wide)
    {
        if (number != uint.MaxValue)
            return number;
        if (wide.Length < sizeof(ulong))
            throw file.Invalid(wide.Start, "the zip64 extension lacks a number");
        var value = (long)file.UInt64(wide.Start, "zip64 extension");
        wide = new FileRange(wide.Start + sizeof(ulong), wide.Length - sizeof(ulong));
        return value;
    }

    private static FileRange FindZip64(FileBytes file, FileRange extra)
    {
        const int Header = 4;
        for (var position = extra.Start; position + Header <= extra.End;)
        {
            var field = new FileRange(position + Header, file.UInt16(position + 2, "extra field"));
            if (field.End > extra.End)
                throw file.Invalid(position, "an extra field of the zip entry is cut off");
            if (file.UInt16(position, "extra field") == Zip64)
                return field;
            position = field.End;
        }
        return new FileRange(extra.End, 0);
    }
}
