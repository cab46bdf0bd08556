using System.Text.RegularExpressions;
using Diffusion.Model.Runs;

namespace Diffusion.Host.CommandLine;

/// <summary>Text for people, broken between words. A word that is longer than a line, such as a path, stays whole.</summary>
public static partial class WrappedText
{
    private const int Narrowest = 40;
    private const int Widest = 100;

    /// <summary>How wide prose is on a terminal: as wide as it, from 40 columns to 100.</summary>
    /// <param name="columns">Width of the terminal.</param>
    public static int Within(int columns) => Clamp(columns, Narrowest, Widest);

    /// <summary>Words as lines.</summary>
    /// <param name="words">The words; a space in one of them keeps it together.</param>
    /// <param name="width">The longest line.</param>
    public static IEnumerable<string> OfWords(IEnumerable<string> words, int width)
    {
        var line = "";
        foreach (var word in words)
        {
            if (line.Length > 0 && Cells.Of(line) + 1 + Cells.Of(word) > width)
            {
                yield return line;
                line = "";
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        yield return line;
    }

    /// <summary>
    /// A line as one or several, all but the first indented: to the second column of a list, else by two. A command line to be copied,
    /// which begins the line, follows a colon or is the second column of a list, has its own line, and is not broken.
    /// </summary>
    /// <param name="line">The line.</param>
    /// <param name="width">The longest line.</param>
    public static IEnumerable<string> OfLine(string line, int width)
    {
        if (Cells.Of(line) <= width)
            return [line];
        var little = new string(' ', line.Length - line.TrimStart(' ').Length + 2);
        if (CommandIn(line) is >= 0 and var command)
            return string.IsNullOrWhiteSpace(line[..command]) ? [line]
                : OfLine(line[..command].TrimEnd(), width).Append(little + line[command..]);
        var listed = ListEntry().Match(line);
        var indent = listed.Success && listed.Length <= width / 2 ? new string(' ', listed.Length) : little;
        return OfParts(Parts().Matches(line).Select(part => part.Value), (indent, little), width);
    }

    // What is too long for the second column is further to the left.
    private static IEnumerable<string> OfParts(IEnumerable<string> parts, (string Usual, string Little) indent, int width)
    {
        var line = "";
        foreach (var part in parts)
        {
            if (string.IsNullOrWhiteSpace(line) || Cells.Of(line) + Cells.Of(part) <= width)
            {
                line += part;
                continue;
            }
            yield return line;
            var word = part.TrimStart(' ');
            line = (indent.Usual.Length + Cells.Of(word) <= width ? indent.Usual : indent.Little) + word;
        }
        yield return line;
    }

    private static int CommandIn(string line)
    {
        foreach (var call in (ReadOnlySpan<string>)[ResumeLine.Call, ResumeLine.Program])
            if (line.IndexOf($"{call} ", StringComparison.Ordinal) is >= 0 and var at && line[..at] is var before
                && (before.TrimEnd() is "" or [.., ':'] || before.EndsWith("  ", StringComparison.Ordinal)))
                return at;
        return -1;
    }

    // A name, at least two spaces, what it is.
    [GeneratedRegex(@"^ *\S+(?: \S+)*  +(?=\S)")]
    private static partial Regex ListEntry();

    // Words with the spaces before them.
    [GeneratedRegex(@"\s*\S+")]
    private static partial Regex Parts();
}
