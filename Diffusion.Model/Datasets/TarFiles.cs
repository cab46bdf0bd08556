using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>The files of a tar archive that is not compressed: a list of where each begins, and the archive to read them from.</summary>
/// <param name="place">Its path.</param>
/// <param name="archive">The archive; owned.</param>
internal sealed class TarFiles(string place, FileStream archive) : IImageFiles
{
    private readonly Dictionary<string, (long Begin, int Index)> _places = [];

    /// <inheritdoc/>
    public string Place => place;

    /// <inheritdoc/>
    public IReadOnlyList<ImageEntry> List() => InputFile.Reading(place, () =>
    {
        archive.Position = 0;
        var stamp = File.GetLastWriteTimeUtc(archive.SafeFileHandle).Ticks;
        var (tar, entries) = (new TarArchive(place, archive, archive.Length), new List<ImageEntry>());
        while (tar.Next() is { } file)
        {
            var name = ImageEntry.Inside(place, file.Name);
            name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
            if (!ImageEntry.IsShown(name))
                continue;
            // A file that was added later stands for the one of its name.
            if (_places.TryGetValue(name, out var former))
                entries[former.Index] = entries[former.Index] with { IsRepeat = true };
            _places[name] = (archive.Position, entries.Count);
            entries.Add(new(name, file.Length, stamp));
        }
        return entries;
    });

    /// <inheritdoc/>
    public byte[] Read(ImageEntry entry)
    {
        var name = $"{place}({entry.Name})";
        return InputFile.Reading(name, () =>
        {
            if (entry.Length > IImageFiles.LongestFile)
                throw new InputException(name, Counted.Of(entry.Length, "byte"), $"at most {IImageFiles.LongestFile}");
            var bytes = new byte[entry.Length];
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
