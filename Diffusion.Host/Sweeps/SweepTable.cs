using System.Text;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Sweeps;

/// <summary>The rows of a sweep in a file of the form that <c>fid --csv</c> writes, on the disk as soon as they are known.</summary>
/// <remarks>
/// A row whose protocol and samples are those asked for is not measured again: so a sweep that was stopped goes on, and one with more
/// variations only adds.
/// </remarks>
/// <param name="path">The file; made with the first row where there is none.</param>
/// <exception cref="InputException">The file holds something else.</exception>
public sealed class SweepTable(string path)
{
    private Sequence<SweptRow> _rows = File.Exists(path) ? Read(path) : [];

    /// <summary>Rows in the file.</summary>
    public int Count => _rows.Count;

    /// <summary>The rows of a file.</summary>
    /// <exception cref="InputException">There is none, or it is no table of a sweep.</exception>
    public static Sequence<SweptRow> Read(string path)
    {
        if (!File.Exists(path))
            throw new InputException(path, "no such file or folder", "the table of a sweep");
        var table = MeasuredRows.Upgraded(ReportTable.Read(path));
        if (MeasuredRows.SweepColumns.Concat(SweptRow.KeyColumns).FirstOrDefault(name => !table.Columns.Contains(name)) is { } missing)
            throw new InputException(path, $"no column {missing}", "the table of a sweep");
        return table.Rows.Select(row => SweptRow.Of(table.Columns.Zip(row)
            .Where(cell => cell.Second.Length > 0).ToDictionary(cell => cell.First, cell => cell.Second))).ToSequence();
    }

    /// <summary>The row asked for as it is there already, or null; one that lacks a number is not.</summary>
    public SweptRow? Find(SweptRow asked, Sequence<string> names) =>
        _rows.FirstOrDefault(row => row.IsAs(asked) && names.All(name => row.Values.Any(value => value.Name == name)));

    /// <summary>Adds a row and waits until it is on the disk.</summary>
    /// <exception cref="OutputException">It cannot be written; the rows before it still are.</exception>
    public void Add(SweptRow row)
    {
        // A row that lacked a number gives way to the one that has it.
        _rows = [.. _rows.Where(former => !former.IsAs(row)), row];
        var columns = _rows.SelectMany(each => each.Cells.Select(cell => cell.Column)).Distinct().ToSequence();
        var table = new ReportTable(columns, _rows.Select(each => columns.GroupJoin(
            each.Cells, name => name, cell => cell.Column, (_, cells) => cells.FirstOrDefault().Cell ?? "").ToSequence()).ToSequence());
        OutputException.Guard(path, () => Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!));
        RunFolder.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(table.ToString())));
    }
}
