namespace Diffusion.Model.Files;

/// <summary>Something a person supplied cannot be used. The message is one line: where, what was found, what was expected.</summary>
/// <param name="place">The file, folder or option.</param>
/// <param name="found">What is there.</param>
/// <param name="expected">What should be there.</param>
/// <param name="cause">The failure underneath, where there is one.</param>
public sealed class InputException(string place, string found, string expected, Exception? cause = null)
    : IOException(OneLine($"{place}: found {found}; expected {expected}."), cause)
{
    // The names inside an archive may hold anything.
    private static string OneLine(string message) =>
        string.Concat(message.Select(character => char.IsControl(character) ? '?' : character));
}
