using System.Text.RegularExpressions;

namespace Diffusion.Host.Posters;

/// <summary>An equation in a line of Unicode, in which <c>_{…}</c> is set below the line and <c>^{…}</c> above it.</summary>
/// <param name="Text">The line.</param>
internal sealed partial record Formula(string Text)
{
    /// <summary>For a page: texts, and elements <c>sub</c> and <c>sup</c>.</summary>
    public IEnumerable<object> Html => Parts.Select(part => part.Tag.Length == 0
        ? (object)part.Text : Diffusion.Host.Html.Html.Tag(part.Tag, part.Text));

    /// <summary>For Markdown, which takes the same elements.</summary>
    public string Markdown => string.Concat(Parts.Select(part => part.Tag.Length == 0
        ? part.Text.Replace("*", "\\*", StringComparison.Ordinal) : $"<{part.Tag}>{part.Text}</{part.Tag}>"));

    private IEnumerable<(string Tag, string Text)> Parts
    {
        get
        {
            var at = 0;
            foreach (Match match in Script().Matches(Text))
            {
                if (match.Index > at)
                    yield return ("", Text[at..match.Index]);
                yield return (match.Groups["mark"].Value == "_" ? "sub" : "sup", match.Groups["text"].Value);
                at = match.Index + match.Length;
            }
            if (at < Text.Length)
                yield return ("", Text[at..]);
        }
    }

    [GeneratedRegex(@"(?<mark>[_^])\{(?<text>[^}]*)\}")]
    private static partial Regex Script();
}
