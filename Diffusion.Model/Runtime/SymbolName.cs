using System.Text.RegularExpressions;

namespace Diffusion.Model.Runtime;

/// <summary>Names of C++ functions as people write them.</summary>
public static partial class SymbolName
{
    private const string Nested = "_ZN";

    /// <summary>
    /// The qualified name in a symbol, such as <c>at::_ops::relu::call</c> of <c>_ZN2at4_ops4relu4callERKNS_6TensorE</c>.
    /// </summary>
    /// <remarks>Itanium C++ ABI, section 5.1.2: a nested name is a list of identifiers, each behind its length. What does not begin so is
    /// returned as it is.</remarks>
    public static string Readable(string symbol)
    {
        if (!symbol.StartsWith(Nested, StringComparison.Ordinal))
            return symbol;
        var parts = new List<string>();
        var at = Nested.Length;
        // Qualifiers of a member function stand before the first length.
        while (at < symbol.Length && symbol[at] is 'K' or 'V' or 'r')
            at++;
        while (at < symbol.Length && char.IsAsciiDigit(symbol[at]))
        {
            var length = 0;
            for (; at < symbol.Length && char.IsAsciiDigit(symbol[at]) && length < symbol.Length; at++)
                length = 10 * length + (symbol[at] - '0');
            if (length == 0 || length > symbol.Length - at)
                return symbol;
            parts.Add(symbol.Substring(at, length));
            at += length;
        }
        return parts.Count == 0 ? symbol : string.Join("::", parts);
    }
    /// <summary>
    /// The function that a linker's message says is missing, as people write it; null where the message is about something else.
    /// </summary>
    public static string? MissingIn(string message) =>
        LinkersComplaint().Match(message) is { Success: true } match ? Readable(match.Groups[1].Value) : null;

    [GeneratedRegex(@"undefined symbol: ([^\s,]+)")]
    private static partial Regex LinkersComplaint();
}
