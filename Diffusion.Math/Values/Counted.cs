using System.Globalization;

namespace Diffusion.Math.Values;

/// <summary>A count with its noun, in the singular or the plural: the one place that knows which.</summary>
public static class Counted
{
    /// <summary>Such as <c>1 sample</c> and <c>2000 samples</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">The noun in the singular.</param>
    /// <param name="many">The plural, where it is not the singular with an s.</param>
    public static string Of(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {Noun(count, one, many)}");

    /// <summary>Such as <c>1 sample</c> and <c>2,000 samples</c>.</summary>
    /// <inheritdoc cref="Of"/>
    public static string Grouped(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {Noun(count, one, many)}");

    /// <summary>The noun alone.</summary>
    /// <inheritdoc cref="Of"/>
    public static string Noun(long count, string one, string? many = null) => count == 1 ? one : many ?? $"{one}s";
}
