using Diffusion.Math.Values;

namespace Diffusion.Model.Images;

/// <summary>A text that an image file carries, invisible in the image: how it was made.</summary>
/// <param name="Keyword">1 to 79 printable Latin-1 characters, such as <c>sampler</c>.</param>
/// <param name="Text">Anything; best a line.</param>
public readonly record struct Note(string Keyword, string Text)
{
    /// <summary>1 to 79 printable Latin-1 characters.</summary>
    /// <exception cref="ArgumentException">It is anything else.</exception>
    public string Keyword { get; } = IsKeyword(Keyword)
        ? Keyword
        : throw new ArgumentException($"'{Keyword}' is no keyword of 1 to 79 printable Latin-1 characters.", nameof(Keyword));

    /// <summary>What stands between keyword and text where notes are lines.</summary>
    private const string Separator = ": ";

    /// <summary>
    /// Keyword and text in formats where notes are lines of one text: what a document of XML can hold, and no line of it another note.
    /// </summary>
    internal string Line =>
        Keyword + Separator
            + (Text.Split('\n').Skip(1).Any(line => Parted(line) is not null) ? PlainText.Name(Text) : PlainText.Lines(Text));

    /// <summary>Keyword and text of a line that a note begins with; null where it goes on with the note before it.</summary>
    internal static (string Keyword, string Text)? Parted(string line) =>
        line.IndexOf(Separator, StringComparison.Ordinal) is var end and > 0 && IsKeyword(line[..end])
            ? (line[..end], line[(end + Separator.Length)..]) : null;

    internal static bool IsKeyword(string word) => word.Length is > 0 and < 80 && word.All(IsPrintable) && word.Trim() == word;

    internal bool IsLatin => Text.All(character => character == '\n' || IsPrintable(character));

    private static bool IsPrintable(char character) => character is >= ' ' and <= '~' or >= '\u00A1' and <= '\u00FF';
}
