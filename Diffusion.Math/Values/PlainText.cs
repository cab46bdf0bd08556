using System.Globalization;
using System.Text;

namespace Diffusion.Math.Values;

/// <summary>
/// Text that may hold anything, such as a name found in a file, as text that a terminal, a log and a script can be given.
/// </summary>
/// <remarks>
/// What would not be seen, or would change how the rest is seen, is written as JSON writes it (<c>\u001B</c>): control characters, which
/// terminals obey; characters that turn the direction of writing or have no width; separators of lines; halves of characters; and the two
/// that no document may hold, U+FFFE and U+FFFF.
/// </remarks>
public static class PlainText
{
    // Joiners of Persian, Indic scripts and emoji: without width, but part of how the words are spelt.
    private const char NonJoiner = '\u200C';
    private const char Joiner = '\u200D';
    private const string Gap = " … ";

    /// <summary>A name as part of a line: nothing in it breaks the line.</summary>
    public static string Name(string text) => Escaped(text, _ => false);

    /// <summary>Several lines: ends of lines and tabs stay what they are.</summary>
    public static string Lines(string text) => Escaped(text, character => character is '\n' or '\t');

    /// <summary>A message as one line: where it had an end of a line, with any space around it, it has a space.</summary>
    public static string OneLine(string text)
    {
        if (!text.AsSpan().ContainsAny("\n\r\t"))
            return Name(text.Trim());
        var lines = text.Split(['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Name(string.Join(' ', lines));
    }

    /// <summary>A text of at most so many characters: beginning and end, where it was longer.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">At least 5.</param>
    public static string Elided(string text, int longest)
    {
        if (text.Length <= longest)
            return text;
        var kept = longest - Gap.Length;
        var (head, tail) = (kept - kept / 2, text.Length - kept / 2);
        // A character of two halves stays whole or goes.
        if (char.IsHighSurrogate(text[head - 1]))
            head--;
        if (char.IsLowSurrogate(text[tail]))
            tail++;
        return $"{text[..head]}{Gap}{text[tail..]}";
    }

    private static string Escaped(string text, Func<char, bool> isKept)
    {
        StringBuilder? plain = null;
        for (var at = 0; at < text.Length;)
        {
            var length = char.IsSurrogatePair(text, at) ? 2 : 1;
            var isPlain = isKept(text[at]) || IsPlain(text, at);
            if (!isPlain)
                plain ??= new(text, 0, at, text.Length + 16);
            for (var end = at + length; at < end; at++)
                _ = isPlain ? plain?.Append(text[at]) : plain!.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[at]:X4}");
        }
        return plain?.ToString() ?? text;
    }

    private static bool IsPlain(string text, int at) => text[at] is NonJoiner or Joiner
        || text[at] < '\uFFFE' && CharUnicodeInfo.GetUnicodeCategory(text, at) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
}
