using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.Displays;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Comparisons;

/// <summary>What a comparison has to show: a table of everything, and those of its columns that usually matter.</summary>
/// <param name="All">Everything, as the files have it.</param>
/// <param name="Usual">Names of the columns that are shown where nobody asks for others, the most telling first.</param>
public sealed record ComparedTable(ReportTable All, Sequence<string> Usual)
{
    /// <summary>What belongs below the table, in lines; empty for nothing.</summary>
    public string Remark { get; init; } = "";

    /// <summary>Why the numbers do not compare, in a line; null where they do.</summary>
    public string? Warning { get; init; }

    /// <summary>For a script.</summary>
    public JsonObject Json { get; init; } = [];

    /// <summary>The table of some columns.</summary>
    /// <param name="columns">Their names, in the order in which they are shown.</param>
    /// <exception cref="InputException">There is no such column.</exception>
    public TextTable Of(Sequence<string> columns)
    {
        if (columns.FirstOrDefault(name => !All.Columns.Contains(name)) is { } unknown)
            throw new InputException("--columns", unknown, $"names among {string.Join(", ", All.Columns)}");
        return new(columns, All.Under(columns).Rows.Select(row => row.Select(Html.Html.Short).ToSequence()).ToSequence())
        {
            Remedy = "--columns NAMES chooses columns, --markdown has them all",
        };
    }

    /// <summary>Whether a column holds the number of a single class, beside a column that holds that of all classes.</summary>
    internal static bool IsOfClass(string column, Sequence<string> columns) =>
        column.Length > 0 && char.IsAsciiDigit(column[^1]) && columns.Contains(column[..Max(0, column.LastIndexOf('_'))]);

    /// <summary>A cell for a script: a number where it is one, null where it is empty or not finite.</summary>
    internal static JsonNode? JsonOf(string cell) =>
        long.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
        : double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? NumberText.Json(number)
        : cell.Length == 0 ? null : cell;

    /// <summary>A row for a script.</summary>
    internal static JsonObject JsonOf(Sequence<string> columns, Sequence<string> row) =>
        new(columns.Zip(row).DistinctBy(cell => cell.First).Select(cell => KeyValuePair.Create(cell.First, JsonOf(cell.Second))));
}
