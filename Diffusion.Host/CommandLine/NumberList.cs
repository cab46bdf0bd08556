using System.Globalization;
using Diffusion.Math.Values;

namespace Diffusion.Host.CommandLine;

/// <summary>Lists of numbers as a person types them, with commas between them.</summary>
internal static class NumberList
{
    /// <summary>Positive whole numbers, such as <c>5,10,20</c>.</summary>
    /// <exception cref="ArgumentException">One of them is none.</exception>
    public static Sequence<int> Positive(string text) => text.Split(',').Select(part =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"'{part}' is no positive whole number.", nameof(text))).ToSequence();

    /// <summary>Finite numbers, such as <c>-1,0,0.5</c>.</summary>
    /// <exception cref="ArgumentException">One of them is none.</exception>
    public static Sequence<double> Finite(string text) => text.Split(',').Select(part =>
        double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw new ArgumentException($"'{part}' is no finite number.", nameof(text))).ToSequence();
}
