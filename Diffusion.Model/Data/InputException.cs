using Diffusion.Math.Values;

namespace Diffusion.Model.Data;

/// <summary>Something a person supplied cannot be used. The message is one line: where, what was found, what was expected.</summary>
/// <param name="place">The file, folder or option.</param>
/// <param name="found">What is there.</param>
/// <param name="expected">What should be there.</param>
/// <param name="cause">The failure underneath, where there is one.</param>
public sealed class InputException(string place, string found, string expected, Exception? cause = null)
    : IOException(PlainText.OneLine($"{place}: found {Sentence.Of(found, place)}; expected {expected}."), cause);
