using Diffusion.Math.Values;

namespace Diffusion.Model.Files;

/// <summary>Something a person supplied cannot be used. The message is one line: where, what was found, what was expected.</summary>
/// <param name="place">The file, folder or option.</param>
/// <param name="found">What is there.</param>
/// <param name="expected">What should be there.</param>
/// <param name="cause">The failure underneath, where there is one.</param>
public sealed class InputException(string place, string found, string expected, Exception? cause = null)
    : IOException(
        PlainText.OneLine($"{place}: found {Seen(found, place)}; expected {expected}{(expected.EndsWith('?') ? "" : ".")}"), cause)
{
    private const string Nothing = "no such file or folder";

    /// <summary>The file, folder or option.</summary>
    public string Place { get; } = place;

    /// <summary>What is there.</summary>
    public string Found { get; } = found;

    /// <summary>What should be there.</summary>
    public string Expected { get; } = expected;

    /// <summary>Whether it is an image that is whole, only of another size than the others: it is not left out with damaged ones.</summary>
    internal bool IsOfOtherSize { get; init; }

    // .NET reads a byte that is no UTF-8 as U+FFFD: the name then stands for no file, though there may be one.
    private static string Seen(string found, string place) =>
        found == Nothing && place.Contains('\uFFFD') ? "a name that is not UTF-8, which cannot be opened" : Sentence.Of(found, place);
}
