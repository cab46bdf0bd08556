using System.Globalization;
using System.Text;
using CsvHelper.Configuration;
using CsvHelper;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Runs;

/// <summary>A CSV file as a value: named columns, and rows of text.</summary>
/// <param name="Columns">The first line.</param>
/// <param name="Rows">The others, each as long as the first.</param>
public sealed record ReportTable(Sequence<string> Columns, Sequence<Sequence<string>> Rows)
{
    private static readonly CsvConfiguration Style = new(CultureInfo.InvariantCulture) { NewLine = "\n", DetectColumnCountChanges = false };

    /// <summary>Reads a file that may be growing, or whose last line was cut off: only whole rows count.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InputException">It is no CSV file.</exception>
    public static ReportTable Read(string path)
    {
        try
        {
            return Parsed(path);
        }
        catch (CsvHelperException damage)
        {
            var line = damage.Context?.Parser is { } parser ? string.Create(CultureInfo.InvariantCulture, $" in line {parser.RawRow}") : "";
            throw new InputException(path, $"a quote that is out of place{line}", "a table as CSV", damage);
        }
    }

    private static ReportTable Parsed(string path)
    {
        OrdinaryFile.Require(path);
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return Parse(file.ReadToEnd());
    }

    /// <summary>The whole rows of a text.</summary>
    internal static ReportTable Parse(string text)
    {
        using var parser = new CsvParser(new StringReader(text[..(text.LastIndexOf('\n') + 1)]), Style);
        Sequence<string> columns = parser.Read() ? parser.Record!.Select(CsvCell.Read).ToSequence() : [];
        var rows = new List<Sequence<string>>();
        while (parser.Read())
            if (parser.Record!.Length == columns.Count)
                rows.Add(parser.Record.Select(CsvCell.Read).ToSequence());
        return new(columns, rows.ToSequence());
    }

    /// <summary>One row as CSV, with its line's end.</summary>
    public static string Line(Sequence<string> cells)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = new CsvWriter(text, Style))
        {
            foreach (var cell in cells)
                csv.WriteField(CsvCell.Write(cell));
            csv.NextRecord();
        }
        return text.ToString();
    }

    /// <summary>The same rows under other columns: unknown ones are empty, those not asked for are left out.</summary>
    public ReportTable Under(Sequence<string> columns)
    {
        var places = Columns.Index().DistinctBy(entry => entry.Item).ToDictionary(entry => entry.Item, entry => entry.Index);
        int[] sources = [.. columns.Select(column => places.GetValueOrDefault(column, -1))];
        return new(columns, Rows.Select(row => sources.Select(source => source < 0 ? "" : row[source]).ToSequence()).ToSequence());
    }

    /// <summary>Adds the rows to a file, which is made where there is none. Columns that it lacks are added to it.</summary>
    /// <exception cref="OutputException">It cannot be written; what was there before still is.</exception>
    public void AppendTo(string path)
    {
        var earlier = File.Exists(path) ? Read(path) : new([], []);
        var columns = earlier.Columns.Union(Columns).ToSequence();
        var table = new ReportTable(columns, [.. earlier.Under(columns).Rows, .. Under(columns).Rows]);
        RunFolder.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(table.ToString())));
    }

    /// <summary>The whole file.</summary>
    public override string ToString() =>
        Rows.Prepend(Columns).Aggregate(new StringBuilder(), (text, row) => text.Append(Line(row))).ToString();
}
