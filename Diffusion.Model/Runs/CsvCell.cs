using System.Globalization;

namespace Diffusion.Model.Runs;

/// <summary>A cell of a CSV file that no spreadsheet takes for a formula.</summary>
/// <remarks>
/// What begins with <c>= + - @</c>, a tab or a carriage return and is no number gets an apostrophe before it, by which spreadsheets
/// know text; so does what already has apostrophes there. Reading takes it away again: a cell comes back as it was.
/// </remarks>
public static class CsvCell
{
    private const char Text = '\'';

    /// <summary>The cell as it stands in the file, before quoting.</summary>
    public static string Write(string value) => IsFormula(value) ? $"{Text}{value}" : value;

    /// <summary>The value of a cell of the file.</summary>
    public static string Read(string cell) => cell is [Text, ..] && IsFormula(cell) ? cell[1..] : cell;

    private static bool IsFormula(string value) =>
        value.AsSpan().TrimStart(Text) is ['=' or '+' or '-' or '@' or '\t' or '\r', ..]
        && !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}
