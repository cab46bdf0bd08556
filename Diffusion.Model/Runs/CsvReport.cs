using System.Globalization;
using System.Text;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;

namespace Diffusion.Model.Runs;

/// <summary><c>report.csv</c>: a row per evaluation, on the disk as soon as it is written, whole or not there.</summary>
public sealed class CsvReport : IDisposable
{
    private const int StepColumn = 1;
    private const int SecondsColumn = 3;

    private static readonly Sequence<string> Before =
    [
        "epoch", "step", "images", "seconds", "images_per_second", "loss", "gradient_norm", "learning_rate", "skipped_steps",
        "loss_spikes", "samples", "sampler", "nfe",
    ];

    private static readonly Sequence<string> After = ["provenance"];

    private readonly string _path;
    private readonly Sequence<string> _figures;
    private FileStream _file;
    private ReportTable _table;

    private CsvReport(string path, Sequence<string> figures, ReportTable beginning)
    {
        (_path, _figures, _table) = (path, figures, beginning);
        Elapsed = beginning.Rows is [.., var last] ? Time(last[SecondsColumn]) : TimeSpan.Zero;
        _file = Rewrite();
    }

    /// <summary>Evaluations that have their row.</summary>
    public int Rows => _table.Rows.Count;

    /// <summary>How long the run had taken when it was left.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>What had to be done about a report that was damaged or gone, in a line; null where it was whole.</summary>
    public string? Remark { get; private init; }

    /// <summary>Whether the evaluation after an update has its row.</summary>
    public bool Has(long step) => _table.Rows.Any(row => Number(row[StepColumn]) == step);

    /// <summary>The report so far, for a checkpoint.</summary>
    /// <param name="elapsed">How long the run has taken.</param>
    public RunProgress Progress(TimeSpan elapsed) => new(elapsed.TotalSeconds, _table.Columns, _table.Rows);

    /// <summary>The report of a new run: the columns alone.</summary>
    /// <param name="path">The file.</param>
    /// <param name="figures">Names of the columns of what is measured.</param>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public static CsvReport Create(string path, Sequence<string> figures) =>
        new(path, figures, new(ColumnsWith(figures), []));

    /// <summary>
    /// The report of a run that goes on: rows of evaluations that will be done again are taken out, so that each comes once.
    /// </summary>
    /// <param name="path">The file; one that is missing has no rows.</param>
    /// <param name="figures">Names of the columns of what is measured; those of the file stay too.</param>
    /// <param name="done">
    /// Updates made, and of which run: once the column epoch counted evaluations, and of a run begun then it is written anew.
    /// </param>
    /// <param name="saved">What the checkpoint knows of the report; where the file differs from it, the checkpoint is right.</param>
    /// <exception cref="OutputException">It cannot be written; what was there before still is.</exception>
    public static CsvReport Continue(
        string path, Sequence<string> figures, (long Updates, EvaluationSchedule Schedule) done, RunProgress? saved = null)
    {
        var (found, damage) = Earlier(path);
        var earlier = InEpochs(found, done.Schedule);
        var known = saved is null ? new([], []) : InEpochs(new(saved.Columns, saved.Rows), done.Schedule);
        var fixedColumns = Before.Concat(After).ToHashSet();
        var all = earlier.Columns.Union(known.Columns).Where(column => !fixedColumns.Contains(column)).Union(figures).ToSequence();
        var columns = ColumnsWith(all);
        var kept = Done(earlier.Under(columns), done.Updates);
        var right = Done(known.Under(columns), done.Updates);
        // What else a row of the file has, under columns of its own, stays.
        var asKnown = Done(earlier.Under(known.Columns), done.Updates);
        var same = Done(known, done.Updates)
            .Where(row => asKnown.TryGetValue(row.Key, out var row2) && row2.Equals(row.Value)).Select(row => row.Key).ToHashSet();
        long[] restored = [.. right.Keys.Where(step => !same.Contains(step))];
        var rows = kept.Where(row => !restored.Contains(row.Key))
            .Concat(right.Where(row => restored.Contains(row.Key))).OrderBy(row => row.Key);
        var isAside = (damage is not null || restored.Length > 0) && SetAside(path);
        var remark = damage is null && restored.Length == 0 ? null : Remarks(path, damage, restored, isAside);
        var report = new CsvReport(path, all, new(columns, rows.Select(row => row.Value).ToSequence())) { Remark = remark };
        if (saved is { Seconds: var seconds } && IsTime(seconds))
            report.Elapsed = TimeSpan.FromSeconds(Max(seconds, report.Elapsed.TotalSeconds));
        return report;
    }

    /// <summary>Adds a row and waits until it is on the disk.</summary>
    /// <exception cref="OutputException">It cannot be written; the rows before it are untouched, and there is no half of it.</exception>
    public void Append(ReportRow report)
    {
        var cells = Cells(report);
        var line = Encoding.UTF8.GetBytes(ReportTable.Line(cells));
        Mend();
        OutputException.Guard(_path, () =>
        {
            var length = _file.Length;
            try
            {
                _file.Write(line);
                _file.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                _file.SetLength(length);
                throw;
            }
        });
        _table = _table with { Rows = [.. _table.Rows, cells] };
    }

    /// <summary>Writes the report anew where it is gone, with every row. Returns whether it was.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public bool Mend()
    {
        if (File.Exists(_path))
            return false;
        var lost = _file;
        _file = Rewrite();
        lost.Dispose();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private FileStream Rewrite()
    {
        RunFolder.Write(_path, stream => stream.Write(Encoding.UTF8.GetBytes(_table.ToString())));
        FileStream? file = null;
        OutputException.Guard(
            _path, () => file = new(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        return file!;
    }

    private static (ReportTable Table, string? Damage) Earlier(string path)
    {
        if (!File.Exists(path))
            return (new([], []), null);
        try
        {
            var table = ReportTable.Read(path);
            return table.Columns.Contains(Before[StepColumn]) ? (table, null) : (new([], []), $"{path} has no column {Before[StepColumn]}");
        }
        catch (InputException damage)
        {
            return (new([], []), damage.Message.TrimEnd('.'));
        }
    }

    // A row that names no step is damaged: it counts as one to be done again.
    private static SortedDictionary<long, Sequence<string>> Done(ReportTable table, long updates)
    {
        var column = PlaceOf(table, StepColumn);
        var rows = table.Rows.Where(row => column < row.Count).Select(row => (Step: Number(row[column]), Row: row));
        return new(rows.Where(row => row.Step <= updates).DistinctBy(row => row.Step).ToDictionary(row => row.Step, row => row.Row));
    }

    private static ReportTable InEpochs(ReportTable table, EvaluationSchedule schedule)
    {
        var (epoch, step) = (PlaceOf(table, 0), PlaceOf(table, StepColumn));
        return epoch >= table.Columns.Count || step >= table.Columns.Count ? table : table with
        {
            Rows = table.Rows.Select(row => Number(row[step]) is var updates and < long.MaxValue
                ? [.. row.Take(epoch), schedule.EpochText(updates), .. row.Skip(epoch + 1)]
                : row).ToSequence(),
        };
    }

    private static int PlaceOf(ReportTable table, int column) => table.Columns.TakeWhile(name => name != Before[column]).Count();

    // What is not understood is not thrown away.
    private static bool SetAside(string path)
    {
        if (!File.Exists(path))
            return false;
        try
        {
            File.Copy(path, AsideOf(path), overwrite: true);
            return true;
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string AsideOf(string path) => Path.ChangeExtension(path, ".damaged.csv");

    private static string Remarks(string path, string? damage, long[] restored, bool isAside)
    {
        var trouble = damage ?? (isAside ? $"{path} is not as the run left it" : $"{path} is gone");
        var rows = restored.Length switch
        {
            0 => "the checkpoint has no rows, so the report starts empty",
            1 => string.Create(CultureInfo.InvariantCulture, $"the row of step {restored[0]} is restored from the checkpoint"),
            _ => string.Create(CultureInfo.InvariantCulture,
                $"{Counted.Of(restored.Length, "row")}, of steps {restored[0]} to {restored[^1]}, are restored from the checkpoint"),
        };
        return $"{trouble}: {rows}{(isAside ? $"; what was there is in {AsideOf(path)}" : "")}";
    }

    private static bool IsTime(double seconds) => seconds >= 0 && seconds < TimeSpan.MaxValue.TotalSeconds / 2;

    private static TimeSpan Time(string cell) =>
        double.TryParse(cell, CultureInfo.InvariantCulture, out var seconds) && IsTime(seconds)
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.Zero;

    private static Sequence<string> ColumnsWith(Sequence<string> figures) => [.. Before, .. figures, .. After];

    private static long Number(string cell) =>
        long.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step > 0 ? step : long.MaxValue;

    private Sequence<string> Cells(ReportRow report)
    {
        var (training, pace, found) = (report.Training, report.Pace, report.Found);
        return
        [
            report.Epoch.ToString("0.####", CultureInfo.InvariantCulture), Whole(training.Updates), Whole(training.Images),
            Short(pace.Elapsed.TotalSeconds), pace.ImagesPerSecond is { } images ? Short(images) : "",
            Exact(training.Loss), Exact(training.GradientNorm), Exact(training.Rate), Whole(training.Skipped),
            Whole(training.Spikes),
            Whole(found.Count), found.Drawn, found.Calls is { } calls ? Whole(calls) : "",
            .. _figures.Select(name => Cell(found.Figures, name)),
            report.Provenance,
        ];
    }

    private static string Cell(Sequence<MetricValue> figures, string name) =>
        figures.Where(figure => figure.Name == name).Select(figure => Exact(figure.Value)).SingleOrDefault("");

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Short(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);

    // The shortest digits that give the same number back.
    private static string Exact(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
