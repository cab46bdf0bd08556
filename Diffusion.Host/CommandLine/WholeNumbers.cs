using System.Globalization;
using Diffusion.Math.Values;

namespace Diffusion.Host.CommandLine;

/// <summary>Lists of whole numbers as a person types them.</summary>
internal static class WholeNumbers
{
    /// <summary>Positive numbers with commas between them, such as <c>5,10,20</c>.</summary>
    /// <exception cref="ArgumentException">One of them is none.</exception>
    public static Sequence<int> Positive(string text) => text.Split(',').Select(part =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"'{part}' is no positive whole number.", nameof(text))).ToSequence();
}
