using System.Security.Cryptography;
using System.Text;

namespace Diffusion.Model.Checkpoints;

/// <summary>A text that holds its own hash: 64 hexadecimal digits, computed with zeros in their place.</summary>
internal static class SealedText
{
    /// <summary>What stands where the hash will be.</summary>
    public static string Open { get; } = new('0', 64);

    /// <summary>The text with its hash; it holds <see cref="Open"/> once.</summary>
    public static string Seal(string text) => text.Replace(Open, Hash(text), StringComparison.Ordinal);

    /// <summary>Whether a text is, to the last character, the one that was sealed.</summary>
    /// <param name="text">The text.</param>
    /// <param name="seal">The hash that it holds, or null.</param>
    public static bool IsWhole(string text, string? seal) =>
        seal?.Length == Open.Length && text.Split(seal) is [var before, var after] && Hash(before + Open + after) == seal;

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
