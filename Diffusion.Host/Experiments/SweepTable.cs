using System.Globalization;
using System.Text;
using Diffusion.Host.Reports;
using Diffusion.Math.Values;
using Diffusion.Model.Data;
using Diffusion.Model.Evaluation;

namespace Diffusion.Host.Experiments;

/// <summary>The rows of a sweep in a file of the form that <c>fid --csv</c> writes, on the disk as soon as they are known.</summary>
/// <remarks>A row whose protocol and samples are those asked for is not measured again: so a sweep that was stopped goes on, and one with more variations only adds.</remarks>
public sealed class SweepTable
{
    private readonly string _path;
    private ReportTable _table;

    /// <summary>The rows so far.</summary>
    /// <param name="path">The file; made with the first row where there is none.</param>
    /// <exception cref="InputException">The file holds something else.</exception>
    public SweepTable(string path)
    {
        (_path, _table) = (path, File.Exists(path) ? ReportTable.Read(path) : new(SweptRow.KeyColumns, []));
        if (SweptRow.KeyColumns.FirstOrDefault(name => !_table.Columns.Contains(name)) is { } missing)
            throw new InputException(path, $"no column {missing}", "the table of a sweep, or no file");
    }

    /// <summary>Rows in the file.</summary>
    public int Count => _table.Rows.Count;

    /// <summary>The numbers of a row that is there already, or null.</summary>
    public Sequence<MeasuredValue>? Find(SweptRow asked, Sequence<string> names)
    {
        var row = _table.Under(SweptRow.KeyColumns).Rows.ToList().IndexOf(asked.Key);
        if (row < 0)
            return null;
        var cells = _table.Under(names).Rows[row];
        return cells.Any(cell => cell.Length == 0)
            ? null
            : names.Zip(cells, (name, cell) => new MeasuredValue(name, double.Parse(cell, NumberStyles.Float, CultureInfo.InvariantCulture))).ToSequence();
    }

    /// <summary>Adds a row and waits until it is on the disk.</summary>
    /// <exception cref="OutputException">It cannot be written; the rows before it still are.</exception>
    public void Add(SweptRow row)
    {
        var added = new ReportTable(
            [.. row.Values.Select(value => value.Name), .. SweptRow.KeyColumns],
            [[.. row.Values.Select(value => value.Value.ToString("R", CultureInfo.InvariantCulture)), .. row.Key]]);
        var columns = (_table.Rows.Count == 0 ? added.Columns : _table.Columns.Union(added.Columns)).ToSequence();
        _table = new(columns, [.. _table.Under(columns).Rows, .. added.Under(columns).Rows]);
        RunFolder.Write(_path, stream => stream.Write(Encoding.UTF8.GetBytes(_table.ToString())));
    }
}
