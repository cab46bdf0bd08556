using Diffusion.Math.Values;

namespace Diffusion.Model.Files;

/// <summary>A file or folder cannot be written. The message is one line: where, and why.</summary>
/// <param name="place">The file or folder.</param>
/// <param name="reason">Why, as the end of "cannot be written: …".</param>
/// <param name="cause">The failure underneath.</param>
public sealed class OutputException(string place, string reason, Exception cause)
    : IOException($"{PlainText.OneLine(place)} cannot be written: {Sentence.Of(reason, place)}", cause)
{
    /// <summary>A failure that the system told of.</summary>
    public OutputException(string place, IOException trouble)
        : this(place, Full.Contains(trouble.HResult & 0xFFFF) ? "the disk is full" : trouble.Message, trouble)
    {
    }

    // ENOSPC and EDQUOT of Unix; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.
    private static readonly int[] Full = OperatingSystem.IsWindows() ? [0x70, 0x27] : [28, 122];

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
