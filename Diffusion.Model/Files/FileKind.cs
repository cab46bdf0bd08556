using System.Buffers;
using System.Text;

namespace Diffusion.Model.Files;

/// <summary>What a file is, by how it begins, where it is not what its name or its reader expects. The one place that says so.</summary>
public static class FileKind
{
    /// <summary>Bytes of the beginning that are looked at.</summary>
    public const int Looked = 512;

    // Where a header of a tar archive says what it is.
    private const int TarMark = 257;

    // A pointer is three short lines.
    private const int LongestPointer = 1024;

    private static readonly string[] Pages = ["<!doctype", "<html", "<?xml", "<head", "<body", "<error"];

    private static readonly (byte[] Beginning, string Kind)[] Signatures =
    [
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], "a PNG image"), ([0xFF, 0xD8, 0xFF], "a JPEG image"), ([.. "GIF8"u8], "a GIF image"),
        ([.. "BM"u8], "a BMP image"), ([.. "II*\0"u8], "a TIFF image"), ([.. "MM\0*"u8], "a TIFF image"), ([.. "%PDF"u8], "a PDF document"),
        ([0x1F, 0x8B], "a gzip archive"), ([.. "BZh"u8], "a bzip2 archive"), ([0xFD, .. "7zXZ"u8], "an xz archive"),
        ([0x28, 0xB5, 0x2F, 0xFD], "a zstd archive"), ([.. "7z"u8, 0xBC, 0xAF], "a 7-Zip archive"), ([.. "Rar!"u8], "a RAR archive"),
        ([0x89, .. "HDF\r\n"u8], "an HDF5 file"), ([.. "MATLAB 5.0"u8], "a MATLAB file"), ([.. "GGUF"u8], "a GGUF file"),
        ([0x7F, .. "ELF"u8], "a program"), ([.. "SQLite format 3"u8], "a database"),
    ];

    /// <summary>
    /// What stands in place of a file that was to be downloaded, in a few words with what to do; null where it may be the file itself.
    /// </summary>
    /// <param name="length">Bytes of the whole file.</param>
    /// <param name="beginning">Its first bytes.</param>
    public static string? StandIn(long length, ReadOnlySpan<byte> beginning)
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

    /// <summary>What a file is that should hold arrays or weights, in a few words; null where it may hold some.</summary>
    /// <remarks>No format of arrays is a text, nor begins like one.</remarks>
    /// <param name="length">Bytes of the whole file.</param>
    /// <param name="beginning">Its first bytes.</param>
    public static string? OtherThanArrays(long length, ReadOnlySpan<byte> beginning)
    {
        if (length == 0)
            return "an empty file";
        if (StandIn(length, beginning) is { } other)
            return other;
        // A file of safetensors may begin with anything: its first number says how long its header is.
        if (beginning is [_, _, _, _, _, _, 0, 0, (byte)'{', ..])
            return null;
        foreach (var (signature, kind) in Signatures)
            if (beginning.StartsWith(signature))
                return kind;
        // Its version, then who made it.
        if (beginning is [8, < 32, 0x12, ..])
            return "an ONNX model";
        if (beginning.Length > TarMark && beginning[TarMark..].StartsWith("ustar"u8))
            return "a tar archive";
        var looked = beginning[..(int)Min(beginning.Length, Looked)];
        return !IsText(looked) ? null : Encoding.UTF8.GetString(looked).TrimStart('\uFEFF', ' ', '\t', '\r', '\n') switch
        {
            ['{' or '[', ..] => "a JSON file",
            _ => "a text file",
        };
    }

    /// <summary>The same for the file at a path; null also where it cannot be read, which its reader will say.</summary>
    public static string? StandInAt(string path) => At(path, StandIn);

    /// <inheritdoc cref="StandInAt"/>
    public static string? OtherThanArraysAt(string path) => At(path, OtherThanArrays);

    private delegate string? Telling(long length, ReadOnlySpan<byte> beginning);

    private static string? At(string path, Telling kind)
    {
        try
        {
            using var file = OrdinaryFile.Open(path);
            var beginning = new byte[Looked];
            return kind(file.Length, beginning.AsSpan(0, file.ReadAtLeast(beginning, Looked, throwOnEndOfStream: false)));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }

    // UTF-8 without control characters, but for a character that is cut at the end of what is looked at.
    private static bool IsText(ReadOnlySpan<byte> beginning)
    {
        while (!beginning.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(beginning, out var rune, out var used);
            if (status == OperationStatus.NeedMoreData)
                break;
            if (status != OperationStatus.Done || (Rune.IsControl(rune) && rune.Value is not ('\t' or '\n' or '\r' or '\f')))
                return false;
            beginning = beginning[used..];
        }
        return true;
    }
}
