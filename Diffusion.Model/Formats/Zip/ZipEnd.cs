using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Zip;

/// <summary>What the end of a zip file says of its directory.</summary>
/// <param name="Entries">How many entries it has.</param>
/// <param name="Directory">Where it is.</param>
internal readonly record struct ZipEnd(long Entries, FileRange Directory)
{
    private const uint Signature = 0x06054b50;
    private const uint LocatorSignature = 0x07064b50;
    private const uint Signature64 = 0x06064b50;
    private const string What = "the end record of the zip file";
    private const int Size = 22;
    private const int LocatorSize = 20;
    private const int Size64 = 56;

    /// <summary>Finds and reads it.</summary>
    /// <exception cref="InvalidFileException">There is none, or it contradicts itself.</exception>
    public static ZipEnd Find(FileBytes file)
    {
        var position = FindRecord(file);
        var entries = (long)file.UInt16(position + 10, What);
        var directory = new FileRange(file.UInt32(position + 16, What), file.UInt32(position + 12, What));
        var limit = position;
        var locator = position - LocatorSize;
        // Where there is a wider record it is the one that counts; PyTorch always writes it.
        if (locator >= 0 && file.UInt32(locator, What) == LocatorSignature)
            (limit, entries, directory) = Read64(file, locator);
        if (directory.Start < 0 || directory.Length < 0 || directory.Start > limit || directory.Length != limit - directory.Start)
            throw file.Invalid(limit, $"the zip directory is said to be {directory.Length} bytes at {directory.Start}, but must end here");
        return new ZipEnd(entries, directory);
    }

    private static (long Limit, long Entries, FileRange Directory) Read64(FileBytes file, long locator)
    {
        var position = (long)file.UInt64(locator + 8, What);
        if (position < 0 || position > locator - Size64 || file.UInt32(position, What) != Signature64)
            throw file.Invalid(locator, $"there is no zip64 record at byte {position}");
        var directory = new FileRange((long)file.UInt64(position + 48, What), (long)file.UInt64(position + 40, What));
        return (position, (long)file.UInt64(position + 32, What), directory);
    }

    // The record is the last thing in the file but for a comment, whose length it tells.
    private static long FindRecord(FileBytes file)
    {
        for (var position = file.Length - Size; position >= Max(0, file.Length - Size - ushort.MaxValue); position--)
            if (file.UInt32(position, What) == Signature
                && file.UInt16(position + 20, What) == file.Length - Size - position)
                return position;
        throw file.Invalid(file.Length, "the end record of a zip file is missing: the file is cut off, or not whole yet");
    }
}
