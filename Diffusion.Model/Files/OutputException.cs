using Diffusion.Math.Values;

namespace Diffusion.Model.Files;

/// <summary>A file or folder cannot be written. The message is one line: where, and why.</summary>
/// <param name="place">The file or folder.</param>
/// <param name="reason">Why, as the end of "cannot be written: …".</param>
/// <param name="cause">The failure underneath.</param>
public sealed class OutputException(string place, string reason, Exception cause)
    : IOException($"{PlainText.OneLine(place)} cannot be written: {Sentence.Of(reason, place)}", cause)
{
    /// <summary>A failure that the system reported.</summary>
    public OutputException(string place, IOException trouble)
        : this(place, ReasonOf(place, trouble), trouble)
    {
    }

    private static readonly nint? Access = LibC.Find("access");

    // ENOSPC and EDQUOT of Unix; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.
    private static readonly int[] Full = OperatingSystem.IsWindows() ? [0x70, 0x27] : [28, 122];

    private static string ReasonOf(string place, IOException trouble) => Full.Contains(trouble.HResult & 0xFFFF) ? "the disk is full"
        : trouble is DirectoryNotFoundException && Above(place) is { } above && !Path.Exists(above) ? $"there is no folder {above}"
        // .NET names the file at the end, which may be one beside the place.
        : trouble.Message is var message && message.LastIndexOf(" : '", StringComparison.Ordinal) is >= 0 and var name ? message[..name]
        : message.EndsWith("'.", StringComparison.Ordinal) && message.IndexOf(" '", StringComparison.Ordinal) is >= 0 and var quoted
            && message.Contains(AtomicFile.PartialExtension, StringComparison.Ordinal) ? message[..quoted]
        : message;

    // As it was named, so that a person finds it in what was typed.
    private static string? Above(string place) => Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(place)) is { Length: > 0 } above
        ? above : null;

    /// <summary>Refuses, without making anything, a place where nothing can be written: it can be known before the work.</summary>
    /// <param name="place">A file or folder that need not be there, nor the folders it is in.</param>
    /// <exception cref="OutputException">It is below a file, or in a folder that may not be written to.</exception>
    public static void RequireWritable(string place)
    {
        for (var above = Path.GetFullPath(place); above is not null; above = Path.GetDirectoryName(above))
            if (Directory.Exists(above))
            {
                if (!MayWrite(above))
                    throw new OutputException(place, $"no permission to write in {above}", new UnauthorizedAccessException());
                return;
            }
            else if (File.Exists(above) && above != Path.GetFullPath(place))
                throw new OutputException(place, $"{above} is a file", new IOException());
    }

    // access(2) with W_OK and X_OK; where it is not at hand, the writing itself will see.
    private static unsafe bool MayWrite(string folder)
    {
        if (Access is not { } found)
            return true;
        fixed (byte* name = System.Text.Encoding.UTF8.GetBytes(folder + '\0'))
            return ((delegate* unmanaged<byte*, int, int>)found)(name, 2 | 1) == 0;
    }

    /// <summary>Runs <paramref name="write"/> and says which place was at fault when it cannot be written.</summary>
    /// <exception cref="OutputException">It cannot.</exception>
    public static void Guard(string place, Action write)
    {
        try
        {
            write();
        }
        catch (UnauthorizedAccessException refusal)
        {
            throw new OutputException(place, "no permission", refusal);
        }
        catch (IOException trouble) when (trouble is not OutputException)
        {
            throw new OutputException(place, trouble);
        }
    }
}
