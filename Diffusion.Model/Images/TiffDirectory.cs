using System.Buffers.Binary;
using Diffusion.Model.Files;

namespace Diffusion.Model.Images;

/// <summary>What a TIFF file says of its first image, checked before a decoder takes memory for it.</summary>
/// <remarks>TIFF 6.0, Sections 2, 8 and 15.</remarks>
/// <param name="Width">Pixels in a row as stored.</param>
/// <param name="Height">Rows as stored.</param>
/// <param name="Orientation">How it is to be turned, 1 to 8, numbered as in Exif.</param>
internal sealed record TiffDirectory(int Width, int Height, int Orientation)
{
    private const int EntryLength = 12;
    private const int MostSamples = 8;

    // A tile at the edge reaches beyond the image.
    private const long SmallTile = 1 << 22;

    // LZW and Deflate make up to about 2700 and 1032 bytes of one.
    private const long MostOfAByte = 3000;

    // TIFF 6.0, page 15, and IFD.
    private static ReadOnlySpan<byte> TypeSizes => [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];

    /// <summary>Whether a file begins as a TIFF does.</summary>
    public static bool Begins(ReadOnlySpan<byte> file) => file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8);

    /// <summary>Reads it.</summary>
    /// <param name="place">The file's name, for messages.</param>
    /// <param name="file">All its bytes.</param>
    /// <exception cref="InputException">It is damaged, or has a form that is not read.</exception>
    public static TiffDirectory Read(string place, ReadOnlySpan<byte> file)
    {
        var entries = new Entries(place, file);
        var (width, height) = (entries.One(Tag.Width, 0), entries.One(Tag.Height, 0));
        if (width < 1 || height < 1 || width > int.MaxValue || height > int.MaxValue)
            throw Damaged(place, "no size");
        var samples = entries.One(Tag.SamplesPerPixel, 1);
        if (samples is < 1 or > MostSamples)
            throw Unread(place, $"{samples} channels", "1 to 4");
        if (entries.All(Tag.BitsPerSample).Where(bits => bits is not (1 or 2 or 4 or 8 or 16)).Select(bits => (long?)bits).FirstOrDefault()
            is { } odd)
            throw Unread(place, $"{odd} bits per channel", "8 or 16");
        if (entries.One(Tag.SampleFormat, 1) != 1)
            throw Unread(place, "numbers that are not whole", "whole ones of 8 or 16 bits");
        var planes = entries.One(Tag.PlanarConfiguration, 1) == 2 ? samples : 1;
        RequireParts(entries, width, height, planes);
        // A fax of an empty page takes next to nothing.
        if (entries.One(Tag.Compression, 1) is not (2 or 3 or 4)
            && width * (decimal)height * samples * entries.One(Tag.BitsPerSample, 1) / 8 > MostOfAByte * file.Length)
            throw Damaged(place, "more pixels than its bytes can hold");
        return new((int)width, (int)height, entries.One(Tag.Orientation, 1) is >= 1 and <= 8 and var noted ? (int)noted : 1);
    }

    // Every strip or tile has a place and a length in the file, so that no list of them is longer than the file.
    private static void RequireParts(Entries entries, long width, long height, long planes)
    {
        var isTiled = entries.Has(Tag.TileWidth) || entries.Has(Tag.TileOffsets);
        var parts = planes * (isTiled ? TilesOf(entries, width, height) : StripsOf(entries, height));
        var (offsets, lengths) = isTiled ? (Tag.TileOffsets, Tag.TileByteCounts) : (Tag.StripOffsets, Tag.StripByteCounts);
        if (entries.CountOf(offsets) < parts || entries.Has(lengths) && entries.CountOf(lengths) < parts)
            throw Damaged(entries.Place, "fewer strips or tiles than it is made of");
        foreach (var length in entries.All(lengths))
            if (length > entries.Length)
                throw Damaged(entries.Place, "a strip that is longer than the file");
    }

    private static long StripsOf(Entries entries, long height)
    {
        var rows = Min(entries.One(Tag.RowsPerStrip, uint.MaxValue), height);
        return rows < 1 ? throw Damaged(entries.Place, "strips without rows") : (height + rows - 1) / rows;
    }

    private static long TilesOf(Entries entries, long width, long height)
    {
        var (across, down) = (entries.One(Tag.TileWidth, 0), entries.One(Tag.TileHeight, 0));
        if (across < 1 || down < 1 || across > int.MaxValue || down > int.MaxValue || across * down > Max(SmallTile, 4 * width * height))
            throw Damaged(entries.Place, "tiles of no usable size");
        return ((width + across - 1) / across) * ((height + down - 1) / down);
    }

    private static InputException Damaged(string place, string what) =>
        new(place, $"a damaged image (TIFF with {what})", "one that can be decoded to its end");

    private static InputException Unread(string place, string found, string expected) => new(place, $"a TIFF of {found}", expected);

    private enum Tag : ushort
    {
        Width = 256, Height = 257, BitsPerSample = 258, Compression = 259, StripOffsets = 273, Orientation = 274, SamplesPerPixel = 277,
        RowsPerStrip = 278, StripByteCounts = 279, PlanarConfiguration = 284, TileWidth = 322, TileHeight = 323, TileOffsets = 324,
        TileByteCounts = 325, SampleFormat = 339,
    }

    // The fields of the first directory: what they refer to lies in the file, and they share it.
    private sealed class Entries
    {
        private readonly Dictionary<Tag, long[]> _numbers = [];

        public Entries(string place, ReadOnlySpan<byte> file)
        {
            (Place, Length) = (place, file.Length);
            var isLittle = file[0] == 'I';
            var at = file.Length < 8 ? uint.MaxValue : Long(file[4..], isLittle);
            if (at > file.Length - 2)
                throw Damaged(place, "no directory");
            var count = Short(file[(int)at..], isLittle);
            if (at + 2L + (long)count * EntryLength > file.Length)
                throw Damaged(place, "a directory that is cut off");
            var (seen, taken) = (new HashSet<ushort>(), 0L);
            for (var index = 0; index < count; index++)
            {
                var entry = file.Slice((int)at + 2 + index * EntryLength, EntryLength);
                var (tag, type, number) = (Short(entry, isLittle), Short(entry[2..], isLittle), Long(entry[4..], isLittle));
                var size = number * (type < TypeSizes.Length ? TypeSizes[type] : 1L);
                var offset = size <= 4 ? 0 : Long(entry[8..], isLittle);
                if (!seen.Add(tag) || (size > 4 && offset + size > file.Length) || (taken += size) > file.Length)
                    throw Damaged(place, "fields that lie outside of it");
                if (Enum.IsDefined((Tag)tag))
                    _numbers[(Tag)tag] = Numbers(size <= 4 ? entry[8..] : file[(int)offset..], type, (int)number, isLittle);
            }
        }

        public string Place { get; }

        public long Length { get; }

        public bool Has(Tag tag) => _numbers.ContainsKey(tag);

        public int CountOf(Tag tag) => All(tag).Length;

        public long[] All(Tag tag) => _numbers.GetValueOrDefault(tag, []);

        public long One(Tag tag, long otherwise) => All(tag) is [var first, ..] ? first : otherwise;

        private long[] Numbers(ReadOnlySpan<byte> content, int type, int count, bool isLittle)
        {
            if (type is not (3 or 4))
                throw Damaged(Place, "a size that is no whole number");
            var numbers = new long[count];
            for (var index = 0; index < count; index++)
                numbers[index] = type == 3 ? Short(content[(2 * index)..], isLittle) : Long(content[(4 * index)..], isLittle);
            return numbers;
        }

        private static ushort Short(ReadOnlySpan<byte> bytes, bool isLittle) =>
            isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

        private static uint Long(ReadOnlySpan<byte> bytes, bool isLittle) =>
            isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
