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

    private const int BufferSize = 1 << 16;

    /// <summary>
    /// Calls <paramref name="write"/> on a new file, forces it to the disk, then gives it the name and forces that to the disk.
    /// </summary>
    /// <remarks>
    /// After a power cut there is, under the name, the old file or the whole new one; once this has returned, the new one.
    /// </remarks>
    /// <exception cref="IOException">The file cannot be written; the old one, if any, is untouched unless the disk failed at the very
    /// end.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var partial = $"{path}.{Guid.NewGuid():N}{PartialExtension}";
        try
        {
            using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferSize))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, path, overwrite: true);
            DirectoryEntry.Flush(path);
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
