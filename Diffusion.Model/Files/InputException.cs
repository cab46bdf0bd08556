using Diffusion.Math.Values;

namespace Diffusion.Model.Files;

/// <summary>Something a person supplied cannot be used. The message is one line: where, what was found, what was expected.</summary>
/// <param name="place">The file, folder or option.</param>
/// <param name="found">What is there.</param>
/// <param name="expected">What should be there.</param>
/// <param name="cause">The failure underneath, where there is one.</param>
public sealed class InputException(string place, string found, string expected, Exception? cause = null)
    : IOException(PlainText.OneLine($"{place}: found {Seen(found, place)}; expected {expected}."), cause)
{
    private const string Nothing = "nothing there";

    // .NET reads a byte that is no UTF-8 as U+FFFD: the name then stands for no file, though there may be one.
    private static string Seen(string found, string place) =>
        found == Nothing && place.Contains('\uFFFD') ? "a name that is not UTF-8, which cannot be opened" : Sentence.Of(found, place);
}
