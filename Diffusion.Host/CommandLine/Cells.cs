using System.Globalization;
using System.Text;

namespace Diffusion.Host.CommandLine;

/// <summary>Text in the cells of a terminal.</summary>
public static class Cells
{
    // Blocks that are wide in every terminal: Hangul, CJK, full-width forms, emoji (Unicode Standard Annex 11, W and F).
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60),
        (0xFFE0, 0xFFE6), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF), (0x20000, 0x3FFFD),
    ];

    /// <summary>How many cells a text takes: two for a wide character, none for a mark on the one before it.</summary>
    public static int Of(string text) => text.All(letter => letter < 0x300) ? text.Length : text.EnumerateRunes().Sum(Of);

    /// <summary>Text with spaces after it, so that it takes so many cells; longer text as it is.</summary>
    public static string PadRight(string text, int cells) => text + new string(' ', Max(0, cells - Of(text)));

    /// <summary>Text with spaces before it, so that it takes so many cells; longer text as it is.</summary>
    public static string PadLeft(string text, int cells) => new string(' ', Max(0, cells - Of(text))) + text;

    /// <summary>As much of the beginning of a text as fits, with a sign that there was more.</summary>
    public static string Fitted(string text, int cells)
    {
        if (Of(text) <= cells)
            return text;
        var (kept, room) = (new StringBuilder(), cells - 1);
        foreach (var rune in text.EnumerateRunes())
        {
            room -= Of(rune);
            if (room < 0)
                break;
            kept.Append(rune);
        }
        return $"{kept.ToString().TrimEnd()}…";
    }

    private static int Of(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format ? 0
        : Wide.Any(block => rune.Value >= block.First && rune.Value <= block.Last) ? 2
        : 1;
}
