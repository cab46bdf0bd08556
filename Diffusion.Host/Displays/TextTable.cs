using System.Globalization;
using System.Text;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;

namespace Diffusion.Host.Displays;

/// <summary>A table of texts, for a terminal or for a document. The columns that matter most come first.</summary>
/// <param name="Columns">What the columns are called.</param>
/// <param name="Rows">The rows, each as long as the columns.</param>
public sealed record TextTable(Sequence<string> Columns, Sequence<Sequence<string>> Rows)
{
    private const string Gap = "  ";

    /// <summary>How a person sees the columns that found no room; a clause.</summary>
    public string Remedy { get; init; } = "a wider terminal shows them";

    /// <summary>
    /// Lines, numbers right-aligned. Where they are wider than the terminal, the last columns are left out, the first one never, and a
    /// line says which.
    /// </summary>
    /// <param name="width">The width of the terminal; null where there is none, which has room for everything.</param>
    public string Text(int? width)
    {
        // Cells may hold anything: each row stays one line.
        string[][] cells = [.. Rows.Prepend(Columns).Select(row => (string[])[.. row.Select(PlainText.Name)])];
        int[] widths = [.. Enumerable.Range(0, Columns.Count).Select(column => cells.Max(row => Cells.Of(row[column])))];
        var shown = Columns.Count;
        while (shown > 1 && widths.Take(shown).Sum() + Gap.Length * (shown - 1) > width)
            shown--;
        bool[] isNumber = [.. Enumerable.Range(0, shown).Select(IsNumber)];
        var text = new StringBuilder();
        foreach (var row in cells)
        {
            var padded = row.Take(shown).Select((cell, column) =>
                isNumber[column] ? Cells.PadLeft(cell, widths[column]) : Cells.PadRight(cell, widths[column]));
            text.Append(string.Join(Gap, padded).TrimEnd()).Append('\n');
        }
        if (shown < Columns.Count)
            text.Append($"\nNo room for {string.Join(", ", cells[0].Skip(shown))}: {Remedy}.\n");
        return text.ToString();
    }

    /// <summary>All of it as a table of GitHub's Markdown.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        Append(text, Columns.Select(Escaped));
        Append(text, Enumerable.Range(0, Columns.Count).Select(column => IsNumber(column) ? "--:" : "---"));
        foreach (var row in Rows)
            Append(text, row.Select(Escaped));
        return text.ToString();
    }

    private static void Append(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Escaped(string cell) => PlainText.OneLine(cell)
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal);

    private bool IsNumber(int column) => Rows.Any(row => row[column].Length > 0)
        && Rows.Select(row => row[column]).All(cell =>
            cell is "" or "–" || double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
}
