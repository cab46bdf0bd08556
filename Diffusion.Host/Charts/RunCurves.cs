using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Charts;

/// <summary>What a run's report says, as numbers over epochs.</summary>
/// <param name="Folder">The folder's name, by which a person tells runs apart.</param>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Table">The report.</param>
public sealed record RunCurves(string Folder, string Recipe, ReportTable Table)
{
    private static readonly Sequence<string> Protocol = ["samples", "sampler", "nfe", "provenance"];

    /// <summary>Columns that hold a distance: those between the sampler's and the provenance.</summary>
    public Sequence<string> Distances =>
        Table.Columns.SkipWhile(column => column != "nfe").Skip(1).TakeWhile(column => column != "provenance").ToSequence();

    /// <summary>How the distances were measured most often; null without rows.</summary>
    public Measure? Usual => Enumerable.Range(0, Table.Rows.Count).Select(MeasureOf)
        .GroupBy(measure => measure).OrderByDescending(group => group.Count()).FirstOrDefault()?.Key;

    /// <summary>Reads the report of a run, also while the run goes on.</summary>
    /// <param name="path">The run's folder.</param>
    /// <exception cref="InputException">There is no report in it, or none with a whole row.</exception>
    public static RunCurves Read(string path)
    {
        var report = Path.Combine(path, "report.csv");
        if (!File.Exists(report))
            throw new InputException(
                path, Directory.Exists(path) ? "a folder without report.csv" : "no such folder", "the folder of a run");
        var table = ReportTable.Read(report);
        if (!table.Columns.Contains("epoch") || table.Rows.Count == 0)
            throw new InputException(report, "no rows", "a run with at least one evaluation");
        var folder = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return new(folder, RecipeFile.Read(Path.Combine(path, "recipe.json")).Name, table);
    }

    /// <summary>A column over epochs; cells that hold no finite number are left out.</summary>
    public Sequence<CurvePoint> Points(string column)
    {
        var usual = Usual;
        return Table.Rows.Index()
            .Select(row =>
                new CurvePoint(Number(row.Item, "epoch"), Number(row.Item, column), MeasureOf(row.Index), MeasureOf(row.Index) == usual))
            .Where(point => double.IsFinite(point.Epoch) && double.IsFinite(point.Value))
            .ToSequence();
    }

    private Measure MeasureOf(int row)
    {
        var cells = Table.Under(Protocol).Rows[row];
        return new(cells[0], cells[1], cells[2], cells[3]);
    }

    private double Number(Sequence<string> row, string column)
    {
        var index = Table.Columns.TakeWhile(name => name != column).Count();
        return index < row.Count && double.TryParse(row[index], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value : double.NaN;
    }
}

/// <summary>What a distance depends on besides the model; distances that differ in it are not comparable.</summary>
/// <param name="Samples">How many there were.</param>
/// <param name="Sampler">How they were drawn.</param>
/// <param name="NetworkCalls">Network evaluations per sample (NFE).</param>
/// <param name="Provenance">Everything else.</param>
public sealed record Measure(string Samples, string Sampler, string NetworkCalls, string Provenance)
{
    /// <summary>What was measured, for a title: distances of samples, or scores of a classifier, where nothing was sampled.</summary>
    public string Text => Sampler.Length > 0 ? $"distances of {Samples} samples, {Sampler}" : $"scores on {Samples} noised images";
}

/// <summary>A value at the end of an epoch.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="Value">A finite number.</param>
/// <param name="Measure">How the row's distances were measured.</param>
/// <param name="IsUsual">Whether the run's distances were mostly measured so.</param>
public readonly record struct CurvePoint(double Epoch, double Value, Measure Measure, bool IsUsual);
