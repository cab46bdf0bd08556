using Diffusion.Model.Files;

namespace Diffusion.Host.Downloads;

/// <summary>
/// Which files of a cache folder had the right hash when they were last looked at: they are not read again while nothing about them has
/// changed.
/// </summary>
/// <param name="folder">The folder.</param>
internal sealed class VerifiedFiles(string folder)
{
    /// <summary>The file that remembers, a line for each.</summary>
    public const string Name = ".verified";

    private const int LongestMemory = 1 << 20;

    /// <summary>What is wrong with a file that is there; null where it is the right one.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public InputException? FaultOf(PublishedFile download)
    {
        var path = Path.Combine(folder, download.FileName);
        var line = Line(download, path);
        if (Remembered().Contains(line))
            return null;
        using (var file = OrdinaryFile.Open(path))
            if (download.Damage(file) is { } found)
                return new(path, $"{found.Found}, not what was downloaded", $"{found.Expected}; remove the file to download it again");
        Remember(download, line);
        return null;
    }

    /// <summary>Remembers a file whose hash was found right.</summary>
    public void Add(PublishedFile download) => Remember(download, Line(download, Path.Combine(folder, download.FileName)));

    private static string Line(PublishedFile download, string path) =>
        $"{download.FileName}\t{FileIdentity.Of(path)}\t{string.Join('\t', download.Hashes)}";

    private string[] Remembered()
    {
        var memory = new FileInfo(Path.Combine(folder, Name));
        return memory.Exists && memory.Length < LongestMemory ? File.ReadAllLines(memory.FullName) : [];
    }

    // A folder that cannot be written to is read through every time.
    private void Remember(PublishedFile download, string line)
    {
        try
        {
            var others = Remembered().Where(known => !known.StartsWith($"{download.FileName}\t", StringComparison.Ordinal));
            AtomicFile.Write(Path.Combine(folder, Name), stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
                foreach (var known in others.Append(line))
                    writer.WriteLine(known);
            });
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }
}
