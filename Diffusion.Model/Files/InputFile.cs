using System.IO.Compression;

namespace Diffusion.Model.Files;

/// <summary>Reads files that people supply: whatever is wrong with one ends as an <see cref="InputException"/> that names it.</summary>
internal static class InputFile
{
    // Deflate never expands further than 1032 times: a longer promise is a lie, known before any memory is taken.
    private const long LargestExpansion = 1032;

    /// <summary>Runs <paramref name="read"/> and says which place was at fault when it cannot be read.</summary>
    public static T Reading<T>(string place, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (UnauthorizedAccessException refusal)
        {
            throw new InputException(place, "no permission to read it", "a file or folder that can be read", refusal);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException(place, "no such file or folder", "a file or folder", missing);
        }
        catch (EndOfStreamException end)
        {
            throw new InputException(place, "an end in the middle of the data", "a complete file", end);
        }
        catch (InvalidDataException corrupt)
        {
            throw new InputException(place, $"corrupt data ({corrupt.Message.TrimEnd('.')})", "an undamaged file", corrupt);
        }
        catch (IOException trouble) when (trouble is not InputException)
        {
            throw new InputException(place, $"an error while reading ({trouble.Message.TrimEnd('.')})", "a file that can be read", trouble);
        }
    }

    /// <summary>The most bytes that so many bytes of deflated data can unpack to.</summary>
    public static long Expanded(long compressed) => compressed * LargestExpansion;

    /// <summary>Opens a file for reading from front to back, through gunzip where its first bytes say so, whatever its name.</summary>
    /// <returns>The stream, and the most bytes it can possibly deliver.</returns>
    public static (Stream Content, long AtMost) Open(string path) => Open(OrdinaryFile.Open(path));

    /// <summary>The same for a seekable stream, which is closed with the one returned.</summary>
    public static (Stream Content, long AtMost) Open(Stream file)
    {
        var zipped = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        return zipped
            ? (new BufferedStream(new GZipStream(file, CompressionMode.Decompress), 1 << 16), Expanded(file.Length))
            : (file, file.Length);
    }
}
