using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>The files of a tar archive that is not compressed: a list of where each begins, and the archive to read them from.</summary>
/// <param name="place">Its path.</param>
/// <param name="archive">The archive; owned.</param>
internal sealed class TarFiles(string place, FileStream archive) : IImageFiles
{
    private readonly Dictionary<string, (long Begin, int Index)> _places = [];
    private IReadOnlyList<ImageEntry>? _all;

    /// <inheritdoc/>
    public string Place => place;

    /// <inheritdoc/>
    /// <remarks>Listed once for all parts.</remarks>
    public IReadOnlyList<ImageEntry> List() => _all ??= InputFile.Reading(
        place, () => ListOf(place, archive, File.GetLastWriteTimeUtc(archive.SafeFileHandle).Ticks, _places));

    /// <summary>The files of an archive.</summary>
    /// <param name="place">Its path, for messages.</param>
    /// <param name="archive">The archive.</param>
    /// <param name="stamp">When it was written.</param>
    /// <param name="places">Receives of every name where its file begins, and which in the list it is.</param>
    /// <exception cref="InputException">The archive is damaged.</exception>
    /// <exception cref="EndOfStreamException">It ends too soon.</exception>
    internal static IReadOnlyList<ImageEntry> ListOf(
        string place, Stream archive, long stamp, Dictionary<string, (long Begin, int Index)> places)
    {
        archive.Position = 0;
        var (tar, entries) = (new TarArchive(place, archive, archive.Length), new List<ImageEntry>());
        while (tar.Next() is { } file)
        {
            var name = ImageEntry.Inside(place, file.Name);
            name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
            if (!ImageEntry.IsShown(name))
                continue;
            // A file that was added later stands for the one of its name; a link is of a file that has a name of its own.
            if (file.Kind != TarKind.Link)
            {
                if (places.TryGetValue(name, out var former))
                    entries[former.Index] = entries[former.Index] with { IsRepeat = true };
                places[name] = (archive.Position, entries.Count);
            }
            entries.Add(new(name, file.Length, stamp)
            {
                IsRepeat = file.Kind == TarKind.Link,
                Fault = file.Kind == TarKind.Sparse ? "a file with holes (sparse), which is not read" : null,
            });
        }
        return entries;
    }

    /// <inheritdoc/>
    public byte[] Read(ImageEntry entry)
    {
        var name = $"{place}({entry.Name})";
        return InputFile.Reading(name, () =>
        {
            if (entry.Length > IImageFiles.LongestFile)
                throw new InputException(name, Counted.Of(entry.Length, "byte"), $"at most {IImageFiles.LongestFile}");
            var bytes = ArchivedFile.Room(entry.Length);
            var begin = _places[entry.Name].Begin;
            // Any thread at its own place.
            for (var done = 0; done < bytes.Length;)
                done += RandomAccess.Read(archive.SafeFileHandle, bytes.AsSpan(done), begin + done) is > 0 and var more
                    ? more : throw new EndOfStreamException();
            return bytes;
        });
    }

    /// <inheritdoc/>
    public void Dispose() => archive.Dispose();
}
