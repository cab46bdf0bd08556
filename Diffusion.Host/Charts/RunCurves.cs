using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Charts;

/// <summary>What a run's tables say, as numbers over steps.</summary>
/// <param name="Folder">The folder's name, by which a person tells runs apart.</param>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Table">The report: a row per evaluation.</param>
/// <param name="Steps">A row every few steps; none of a run of before.</param>
public sealed record RunCurves(string Folder, string Recipe, ReportTable Table, ReportTable Steps)
{
    // As many as a chart has pixels, about.
    private const int MostPoints = 500;

    private static readonly Sequence<string> Protocol = ["samples", "sampler", "nfe", "provenance"];

    /// <summary>Columns that hold a distance: those between the sampler's and the provenance.</summary>
    public Sequence<string> Distances =>
        Table.Columns.SkipWhile(column => column != "nfe").Skip(1).TakeWhile(column => column != "provenance").ToSequence();

    /// <summary>Those of <see cref="Distances"/> that are not of a single class: what a person looks at first.</summary>
    public Sequence<string> Overall => Distances.Where(column => !IsOfAClass(column)).ToSequence();

    /// <summary>How the distances were measured most often; null without rows.</summary>
    public Measure? Usual => Enumerable.Range(0, Table.Rows.Count).Select(MeasureOf)
        .GroupBy(measure => measure).OrderByDescending(group => group.Count()).FirstOrDefault()?.Key;

    /// <summary>How the last evaluation was measured; null without rows.</summary>
    public Measure? Last => Table.Rows.Count == 0 ? null : MeasureOf(Table.Rows.Count - 1);

    /// <summary>Reads the tables of a run, also while the run goes on.</summary>
    /// <param name="path">The run's folder.</param>
    /// <exception cref="InputException">There is no report in it, or no whole row in its tables.</exception>
    public static RunCurves Read(string path)
    {
        var report = Path.Combine(path, "report.csv");
        if (!File.Exists(report))
            throw new InputException(
                path, Directory.Exists(path) ? "a folder without report.csv" : "no such folder", "the folder of a run");
        var (table, steps) = (ReportTable.Read(report), StepsOf(path));
        if (!table.Columns.Contains("step") || (table.Rows.Count == 0 && steps.Rows.Count == 0))
            throw new InputException(report, "no rows", "a run with at least one evaluation");
        var folder = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return new(folder, RecipeFile.Read(Path.Combine(path, "recipe.json")).Name, table, steps);
    }

    /// <summary>A column of the report over steps; cells that hold no finite number are left out.</summary>
    public Sequence<CurvePoint> Points(string column)
    {
        var usual = Usual;
        return Table.Rows.Index()
            .Select(row =>
                new CurvePoint(
                    Number(Table, row.Item, "step"), Number(Table, row.Item, column), MeasureOf(row.Index), MeasureOf(row.Index) == usual))
            .Where(point => double.IsFinite(point.Step) && double.IsFinite(point.Value))
            .ToSequence();
    }

    /// <summary>
    /// A column of the rows of steps; cells that hold no finite number are left out. Of many rows the mean of some neighbours is a point.
    /// </summary>
    public Sequence<CurvePoint> FinePoints(string column)
    {
        var points = Steps.Rows.Select(row => (Step: Number(Steps, row, "step"), Value: Number(Steps, row, column)))
            .Where(point => double.IsFinite(point.Step) && double.IsFinite(point.Value)).ToList();
        return points.Chunk((points.Count + MostPoints - 1) / MostPoints is > 0 and var size ? size : 1)
            .Select(some => new CurvePoint(
                some.Length == 1 ? some[0].Step : some.Average(point => point.Step), some.Average(point => point.Value),
                new("", "", "", ""), true))
            .ToSequence();
    }

    // Curves can do without them.
    private static ReportTable StepsOf(string path)
    {
        var steps = Path.Combine(path, "steps.csv");
        try
        {
            return File.Exists(steps) ? ReportTable.Read(steps) : new([], []);
        }
        catch (Exception trouble) when (trouble is InputException or IOException or UnauthorizedAccessException)
        {
            return new([], []);
        }
    }

    // As accuracy_7 beside accuracy, or fd_lenet_7 beside fd_lenet_classes.
    private bool IsOfAClass(string column) =>
        column.LastIndexOf('_') is > 0 and var end && column.Length > end + 1 && column.Skip(end + 1).All(char.IsAsciiDigit)
        && (Distances.Contains(column[..end]) || Distances.Contains($"{column[..end]}_classes"));

    private Measure MeasureOf(int row)
    {
        var cells = Table.Under(Protocol).Rows[row];
        return new(cells[0], cells[1], cells[2], EmaText.Present(cells[3]));
    }

    private static double Number(ReportTable table, Sequence<string> row, string column)
    {
        var index = table.Columns.TakeWhile(name => name != column).Count();
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
    // The hash of the plan says how they were drawn, whatever the sampler was called.
    private string Drawn => Provenance.Contains("plan=", StringComparison.Ordinal) ? "" : Sampler;

    /// <summary>Whether distances are comparable; samplers of one plan are one, by whatever name.</summary>
    public bool Equals(Measure? other) => other is not null
        && (Samples, Drawn, NetworkCalls, Provenance) == (other.Samples, other.Drawn, other.NetworkCalls, other.Provenance);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Samples, Drawn, NetworkCalls, Provenance);

    /// <summary>Names of what differs among some, those in the provenance one by one.</summary>
    public static Sequence<string> Differences(Sequence<Measure> measures)
    {
        var fields = measures.Select(measure => measure.Fields.ToDictionary(field => field.Name, field => field.Value)).ToList();
        return fields.SelectMany(one => one.Keys).Distinct()
            .Where(name => fields.Select(one => one.GetValueOrDefault(name, "")).Distinct().Count() > 1).ToSequence();
    }

    // As ema=0.999; guidance=w = 3 (s = 4); fd_lenet: weights …, or in other words, which then are one field.
    private IEnumerable<(string Name, string Value)> Fields =>
        new[] { ("samples", Samples), ("sampler", Drawn), ("nfe", NetworkCalls) }.Concat(
            Provenance.Split("; ", StringSplitOptions.RemoveEmptyEntries)
                .Select(part => part.IndexOfAny(['=', ':']) is > 0 and var end && !part[..end].Contains(' ')
                    ? (Name: part[..end], Value: part[end..]) : (Name: "provenance", Value: part))
                .GroupBy(part => part.Name, (name, parts) => (name, string.Join("; ", parts.Select(part => part.Value)))));

    /// <summary>What was measured, for a title: distances of samples, or scores of a classifier, where nothing was sampled.</summary>
    public string Text => Sampler.Length > 0 ? $"distances of {Samples} samples, {Sampler}" : $"scores on {Samples} noised images";
}

/// <summary>A value after a step.</summary>
/// <param name="Step">Updates made by then.</param>
/// <param name="Value">A finite number.</param>
/// <param name="Measure">How the row's distances were measured.</param>
/// <param name="IsUsual">Whether the run's distances were mostly measured so.</param>
public readonly record struct CurvePoint(double Step, double Value, Measure Measure, bool IsUsual);
