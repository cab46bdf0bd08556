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

    /// <summary>Keyword and text as formats have them that are one text: only what a document of XML can hold.</summary>
    internal string Line => $"{Keyword}: {PlainText.Lines(Text)}";

    internal static bool IsKeyword(string word) => word.Length is > 0 and < 80 && word.All(IsPrintable) && word.Trim() == word;

    internal bool IsLatin => Text.All(character => character == '\n' || IsPrintable(character));

    private static bool IsPrintable(char character) => character is >= ' ' and <= '~' or >= '\u00A1' and <= '\u00FF';
}
