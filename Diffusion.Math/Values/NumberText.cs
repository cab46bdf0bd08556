using System.Globalization;
using System.Text.Json.Nodes;

namespace Diffusion.Math.Values;

/// <summary>Measured numbers as text and as JSON. None of them is ever a zero with a minus before it.</summary>
public static class NumberText
{
    /// <summary>A rounded number for a person.</summary>
    /// <param name="number">The number.</param>
    /// <param name="format">How it is rounded, such as <c>0.###</c>.</param>
    public static string Short(double number, string format)
    {
        var text = number.ToString(format, CultureInfo.InvariantCulture);
        return text.StartsWith('-') && !text.AsSpan(1).ContainsAnyExcept("0.") ? text[1..] : text;
    }

    /// <summary>The shortest digits that give the number back.</summary>
    public static string Exact(double number) => Positive(number).ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A number for a script; null where it is not finite.</summary>
    public static JsonNode? Json(double number) => double.IsFinite(number) ? Positive(number) : null;

    /// <summary>A whole number that was written as text, for a script; null where it is empty.</summary>
    public static JsonNode? Whole(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : text.Length == 0 ? null : text;

    private static double Positive(double number) => number == 0 ? 0 : number;
}
