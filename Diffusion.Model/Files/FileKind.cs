using System.Text;

namespace Diffusion.Model.Files;

/// <summary>What is often found under the name of a file of numbers, and is a text that stands for it.</summary>
internal static class Impostor
{
    /// <summary>Bytes of the beginning that are looked at.</summary>
    public const int Looked = 256;

    // A pointer is three short lines.
    private const int LongestPointer = 1024;

    private static readonly string[] Pages = ["<!doctype", "<html", "<?xml", "<head", "<body", "<error"];

    /// <summary>What the beginning of a file is, in a few words with what to do; null where it may be what its name says.</summary>
    public static string? Of(long length, ReadOnlySpan<byte> beginning)
    {
        var text = Encoding.Latin1.GetString(beginning[..(int)Min(beginning.Length, Looked)]);
        if (length <= LongestPointer
            && text.StartsWith("version https://", StringComparison.Ordinal) && text.Contains("\noid ", StringComparison.Ordinal))
            return "a git-lfs pointer instead of the data (run 'git lfs pull' in its folder, or download the file)";
        // A byte order mark and white space may precede a page.
        var trimmed = text.StartsWith("\u00EF\u00BB\u00BF", StringComparison.Ordinal) ? text[3..].TrimStart() : text.TrimStart();
        if (Pages.Any(page => trimmed.StartsWith(page, StringComparison.OrdinalIgnoreCase)))
            return "a web page instead of the data (the download was answered by an error or a login; download the file again)";
        if (trimmed.StartsWith("{\"error\"", StringComparison.Ordinal) || trimmed is "Entry not found" or "Not Found" or "Access denied"
            || trimmed.StartsWith("Invalid username or password", StringComparison.Ordinal))
            return "a server's error message instead of the data (download the file again)";
        return null;
    }

    /// <summary>The same for the file at a path; null where it cannot be read, which its reader will say.</summary>
    public static string? At(string path)
    {
        try
        {
            using var file = OrdinaryFile.Open(path);
            var beginning = new byte[Looked];
            return Of(file.Length, beginning.AsSpan(0, file.ReadAtLeast(beginning, Looked, throwOnEndOfStream: false)));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }
}
