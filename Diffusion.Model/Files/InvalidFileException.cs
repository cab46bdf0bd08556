using Diffusion.Math.Values;

namespace Diffusion.Model.Files;

/// <summary>A file that is not what its format says: where it went wrong, what was found and what was expected, in one line.</summary>
/// <remarks>Every reader of this namespace throws this and nothing else for the content of a file, however damaged or hostile. A file
/// that cannot be opened at all throws the system's own <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</remarks>
/// <param name="path">The file.</param>
/// <param name="offset">Where in the file the trouble is, in bytes from its beginning.</param>
/// <param name="reason">What was found there and what was expected.</param>
public sealed class InvalidFileException(string path, long offset, string reason)
    : IOException($"{PlainText.OneLine(path)}: at byte {offset}: {OneLine(reason)}")
{
    // A name found in a file may be of any length and hold anything.
    private const int LongestReason = 400;

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Where in the file the trouble is, in bytes from its beginning.</summary>
    public long Offset { get; } = offset;

    /// <summary>What was found there and what was expected: one line, without the path and the offset.</summary>
    public string Reason { get; } = OneLine(reason);

    private static string OneLine(string reason) => PlainText.Elided(PlainText.OneLine(reason), LongestReason);
}
