using System.IO.Compression;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>Opens a zip archive of image files as a set of images, laid out as <see cref="ImageFolder"/> says.</summary>
/// <remarks>Nothing is unpacked to disk.</remarks>
public static class ImageArchive
{
    /// <summary>Opens an archive.</summary>
    /// <exception cref="InputException">It is no zip archive, or there is no image, or one cannot be read, decoded or fitted.</exception>
    public static IImageSource Open(string archive, ImageLoading loading) =>
        LabelledFiles.Open(InputFile.Reading(archive, () => new Files(archive, ZipFile.OpenRead(archive))), loading);

    private sealed class Files(string place, ZipArchive archive) : IImageFiles
    {
        // No encoded image is longer; more is an attempt to fill the memory.
        private const long LongestFile = 1 << 28;

        // Some programs write backslashes, and an archive may hold a name twice.
        private readonly Dictionary<string, ZipArchiveEntry> _entries = InputFile.Reading(place, () => archive.Entries
            .DistinctBy(entry => entry.FullName.Replace('\\', '/')).ToDictionary(entry => entry.FullName.Replace('\\', '/'))
            .Where(entry => ImageEntry.IsImage(entry.Key)).ToDictionary());

        public string Place => place;

        public IEnumerable<ImageEntry> List() => _entries.Select(entry => new ImageEntry(entry.Key, entry.Value.Length));

        public byte[] Read(ImageEntry entry)
        {
            var name = $"{place}({entry.Name})";
            // An archive is read by one thread at a time; decoding, which takes longer, is not.
            lock (archive)
                return InputFile.Reading(name, () => Inflate(name, _entries[entry.Name]));
        }

        public void Dispose() => archive.Dispose();

        // The length is only what the archive claims: no more than that is ever read, and memory is taken for what deflate can really hold.
        private static byte[] Inflate(string name, ZipArchiveEntry entry)
        {
            if (entry.Length > Min(LongestFile, InputFile.Expanded(entry.CompressedLength)))
                throw new InputException(
                    name, $"{entry.CompressedLength} bytes that claim to unpack to {entry.Length}", $"at most {LongestFile}");
            var bytes = new byte[entry.Length];
            using var content = entry.Open();
            content.ReadExactly(bytes);
            return content.ReadByte() < 0
                ? bytes
                : throw new InputException(name, $"more than the {entry.Length} bytes it claims", "an undamaged archive");
        }
    }
}
