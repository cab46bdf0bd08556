using Diffusion.Math.Values;

namespace Diffusion.Model.Files;

/// <summary>A file that is not what its format says: where it went wrong, what was found and what was expected, in one line.</summary>
/// <remarks>Every reader of this namespace throws this and nothing else for the content of a file, however damaged or hostile. A file
/// that cannot be opened at all throws the system's own <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</remarks>
public sealed class InvalidFileException : IOException
{
    // A name found in a file may be of any length and hold anything.
    private const int LongestReason = 400;

    /// <summary>A file that goes wrong somewhere.</summary>
    /// <param name="path">The file.</param>
    /// <param name="offset">Where in the file the trouble is, in bytes from its beginning.</param>
    /// <param name="reason">What was found there and what was expected.</param>
    public InvalidFileException(string path, long offset, string reason)
        : this(path, offset, OneLine(reason), $"at byte {offset}: {OneLine(reason)}")
    {
    }

    private InvalidFileException(string path, long offset, string reason, string message)
        : base($"{PlainText.OneLine(path)}: {message}") => (Path, Offset, Reason) = (path, offset, reason);

    /// <summary>A file that is of another kind altogether.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What it is, such as "a text file".</param>
    public static InvalidFileException OfKind(string path, string kind) =>
        new(path, 0, $"{kind}; expected weights or arrays", $"found {kind}; expected a file of weights or arrays.");

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Where in the file the trouble is, in bytes from its beginning.</summary>
    public long Offset { get; }

    /// <summary>What was found there and what was expected: one line, without the path and the offset.</summary>
    public string Reason { get; }

    private static string OneLine(string reason) => PlainText.Elided(PlainText.OneLine(reason), LongestReason);
}
