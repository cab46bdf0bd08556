using System.IO.Compression;
using System.IO.Hashing;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>Opens a zip or tar archive of image files as a set of images, laid out as <see cref="ImageFolder"/> says.</summary>
/// <remarks>
/// Nothing is unpacked to disk. A tar archive that is compressed as a whole cannot be read from its middle, and is not read.
/// </remarks>
public static class ImageArchive
{
    /// <summary>The endings of archives that are read, for messages.</summary>
    public const string Endings = ".zip or .tar";

    private const string Tar = ".tar";

    /// <summary>Whether a path is called like an archive that is read.</summary>
    public static bool IsNamed(string path) => Path.GetExtension(path).ToLowerInvariant() is ".zip" or Tar;

    /// <summary>Opens an archive.</summary>
    /// <exception cref="InputException">It is no such archive, or there is no image, or one cannot be read, decoded or fitted.</exception>
    public static IImageSource Open(string archive, ImageLoading loading) =>
        LabelledFiles.Open(FilesOf(archive), loading);

    /// <summary>The same for a seekable stream, which is closed.</summary>
    internal static IImageSource Open(string place, Stream archive, ImageLoading loading) =>
        LabelledFiles.Open(FilesOf(place, archive), loading);

    /// <summary>The archive's files.</summary>
    internal static IImageFiles FilesOf(string archive)
    {
        var file = InputFile.Reading(archive, () => OrdinaryFile.Open(archive));
        return Path.GetExtension(archive).Equals(Tar, StringComparison.OrdinalIgnoreCase)
            ? new TarFiles(archive, file) : FilesOf(archive, file);
    }

    /// <summary>The files of a zip archive in a seekable stream, which is closed with them.</summary>
    internal static IImageFiles FilesOf(string place, Stream archive)
    {
        try
        {
            return InputFile.Reading(place, () => new Files(place, archive));
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    private sealed class Files(string place, Stream file) : IImageFiles
    {
        private readonly ZipArchive _archive = new(file, ZipArchiveMode.Read);
        private readonly Dictionary<string, int> _entries = [];
        private ImageEntry[]? _all;

        public string Place => place;

        // Listed once for all parts: a name that comes again in another list is not there twice.
        public IReadOnlyList<ImageEntry> List() => _all ??= InputFile.Reading(place, () =>
        {
            RefuseOverlap();
            return _archive.Entries
                // Some programs write backslashes.
                .Select((entry, index) => (Entry: entry, Name: ImageEntry.Inside(place, entry.FullName.Replace('\\', '/')), Index: index))
                .Where(item => !item.Name.EndsWith('/') && ImageEntry.IsShown(item.Name))
                .Select(item => new ImageEntry(item.Name, item.Entry.Length, item.Entry.Crc32)
                {
                    // An archive may hold a name twice.
                    IsRepeat = !_entries.TryAdd(item.Name, item.Index),
                    Fault = item.Entry.IsEncrypted ? "an encrypted file" : null,
                }).ToArray();
        });

        public byte[] Read(ImageEntry entry)
        {
            var name = $"{place}({entry.Name})";
            // An archive is read by one thread at a time; decoding, which takes longer, is not.
            lock (_archive)
                return InputFile.Reading(name, () => Inflate(name, _entries[entry.Name]));
        }

        public void Dispose() => _archive.Dispose();

        // Entries that share their bytes let a small archive claim any number of large files: Fifield 2019, "A better zip bomb".
        private void RefuseOverlap()
        {
            var claimed = 0L;
            foreach (var entry in _archive.Entries)
                if ((claimed += Min(entry.CompressedLength, file.Length)) > file.Length)
                    throw new InputException(place, $"entries that take more than the archive's {file.Length} bytes, and so overlap",
                        "an archive in which every file has its own bytes: pack it again");
        }

        // The length is only what the archive claims: no more than that is ever read, and memory is taken for what deflate can really hold.
        private byte[] Inflate(string name, int index)
        {
            var entry = _archive.Entries[index];
            if (entry.Length > Min(IImageFiles.LongestFile, InputFile.Expanded(Min(entry.CompressedLength, file.Length))))
                throw new InputException(
                    name, $"{entry.CompressedLength} bytes that claim to unpack to {entry.Length}", $"at most {IImageFiles.LongestFile}");
            var bytes = ArchivedFile.Room(entry.Length);
            using var content = Opened(name, entry, index);
            content.ReadExactly(bytes);
            if (content.ReadByte() >= 0)
                throw new InputException(name, $"more than the {entry.Length} bytes it claims", "an undamaged archive");
            return Crc32.HashToUInt32(bytes) == entry.Crc32
                ? bytes
                : throw new InputException(name, "content that does not agree with its checksum", "an undamaged archive");
        }

        private Stream Opened(string name, ZipArchiveEntry entry, int index)
        {
            try
            {
                return entry.Open();
            }
            catch (InvalidDataException) when (ZipMethods.Unread(file, index) is { } method)
            {
                throw new InputException(
                    name, $"a file compressed with {method}, which is not read", "one compressed with deflate: pack the archive again");
            }
        }
    }
}
