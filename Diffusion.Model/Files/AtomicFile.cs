namespace Diffusion.Model.Files;

/// <summary>Writes a file that is either the old one or wholly the new one, whatever happens on the way.</summary>
public static class AtomicFile
{
    /// <summary>Ending of the file being written, beside the one it will replace.</summary>
    public const string PartialExtension = ".partial";

    /// <summary>Whether a file or folder has the name of one that was being written.</summary>
    public static bool IsPartial(string path) =>
        Path.GetFileName(path).Split('.') is [_, .., { Length: 32 } number, "partial"] && number.All(char.IsAsciiHexDigit);

    /// <summary>Whether a file that was being written no longer is: whoever writes it holds it.</summary>
    public static bool IsLeftOver(string partial)
    {
        try
        {
            using var held = new FileStream(partial, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Removes what processes that were killed have left of a file; what another one is writing stays.</summary>
    /// <param name="path">The file that they were writing.</param>
    public static void RemoveLeftOvers(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
            return;
        try
        {
            foreach (var partial in Directory.GetFiles(folder, $"{Path.GetFileName(path)}.*{PartialExtension}").Where(IsPartial))
                if (IsLeftOver(partial))
                    File.Delete(partial);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            // They only take room.
        }
    }

    private const int BufferSize = 1 << 16;

    /// <summary>
    /// Calls <paramref name="write"/> on a new file, forces it to the disk, then gives it the name and forces that to the disk.
    /// </summary>
    /// <remarks>
    /// After a power cut there is, under the name, the old file or the whole new one; once this has returned, the new one.
    /// </remarks>
    /// <exception cref="OutputException">The file cannot be written; the old one, if any, is untouched unless the disk failed at the very
    /// end.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var partial = PartialOf(path);
        try
        {
            Named(path, partial, () =>
            {
                using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferSize))
                {
                    write(stream);
                    stream.Flush(flushToDisk: true);
                }
                File.Move(partial, path, overwrite: true);
                DirectoryEntry.Flush(path);
            });
        }
        finally
        {
            // Where there is no folder, there is no file either.
            if (File.Exists(partial))
                File.Delete(partial);
        }
    }

    /// <summary>A name that nobody else has, beside a file or folder that is about to be written.</summary>
    internal static string PartialOf(string path) => $"{Path.TrimEndingDirectorySeparator(path)}.{Guid.NewGuid():N}{PartialExtension}";

    /// <summary>Runs <paramref name="write"/>, whose failures name the place that a person knows, not the partial one.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    internal static void Named(string path, string partial, Action write)
    {
        try
        {
            write();
        }
        catch (UnauthorizedAccessException refusal) when (Names(refusal))
        {
            throw new OutputException(path, "no permission", refusal);
        }
        catch (IOException trouble) when (Names(trouble))
        {
            throw new OutputException(path, trouble);
        }

        // What is read meanwhile may fail too, and is reported by its own name.
        bool Names(Exception trouble) => trouble.Message.Contains(Path.GetFileName(partial), StringComparison.Ordinal);
    }
}
