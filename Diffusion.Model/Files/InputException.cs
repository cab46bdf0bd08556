namespace Diffusion.Model.Files;

/// <summary>Something a person supplied cannot be used. The message is one line: where, what was found, what was expected.</summary>
/// <param name="place">The file, folder or option.</param>
/// <param name="found">What is there.</param>
/// <param name="expected">What should be there.</param>
/// <param name="cause">The failure underneath, where there is one.</param>
public sealed class InputException(string place, string found, string expected, Exception? cause = null)
    : IOException(OneLine($"{place}: found {found}; expected {expected}."), cause)
{
    /// <summary>The file, folder or option.</summary>
    public string Place { get; } = place;

    /// <summary>What is there.</summary>
    public string Found { get; } = found;

    /// <summary>What should be there.</summary>
    public string Expected { get; } = expected;

    /// <summary>Whether it is an image that is whole, only of another size than the others: it is not left out with damaged ones.</summary>
    internal bool IsOfOtherSize { get; init; }

    // The names inside an archive may hold anything.
    private static string OneLine(string message) =>
        string.Concat(message.Select(character => char.IsControl(character) ? '?' : character));
}
