using System.Globalization;
using System.Text;
using Diffusion.Math.Values;

namespace Diffusion.Host.Runs;

/// <summary><c>report.csv</c>: a row per epoch, on the disk as soon as it is written, whole or not there.</summary>
public sealed class CsvReport : IDisposable
{
    private const int SecondsColumn = 3;

    private static readonly Sequence<string> Before =
    [
        "epoch", "step", "images", "seconds", "images_per_second", "loss", "gradient_norm", "learning_rate", "skipped_steps",
        "loss_spikes", "samples", "sampler", "nfe",
    ];

    private static readonly Sequence<string> After = ["provenance"];

    private readonly string _path;
    private readonly Sequence<string> _figures;
    private readonly FileStream _file;

    private CsvReport(string path, Sequence<string> figures, ReportTable beginning)
    {
        (_path, _figures, Rows) = (path, figures, beginning.Rows.Count);
        Elapsed = beginning.Rows is [.., var last] && double.TryParse(last[SecondsColumn], CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.Zero;
        RunFolder.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(beginning.ToString())));
        _file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    /// <summary>Epochs that have their row.</summary>
    public int Rows { get; private set; }

    /// <summary>How long the run had taken at the last row that was here from the start.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>The report of a new run: the columns alone.</summary>
    /// <param name="path">The file.</param>
    /// <param name="distances">Names of the columns of what is measured.</param>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public static CsvReport Create(string path, Sequence<string> figures) =>
        new(path, figures, new(ColumnsWith(figures), []));

    /// <summary>The report of a run that goes on: rows of epochs that will be done again are taken out, so that each comes once.</summary>
    /// <param name="path">The file; one that is missing has no rows.</param>
    /// <param name="distances">Names of the columns of what is measured; those of the file stay too.</param>
    /// <param name="epochs">Epochs that are done. Where the file has fewer of them, <see cref="Rows"/> says so.</param>
    /// <exception cref="OutputException">It cannot be written; what was there before still is.</exception>
    public static CsvReport Continue(string path, Sequence<string> figures, int epochs)
    {
        var earlier = File.Exists(path) ? ReportTable.Read(path) : new([], []);
        var fixedColumns = Before.Concat(After).ToHashSet();
        var all = earlier.Columns.Where(column => !fixedColumns.Contains(column)).Union(figures).ToSequence();
        var kept = earlier.Under(ColumnsWith(all));
        return new(path, all, kept with { Rows = kept.Rows.Where(row => EpochOf(row) <= epochs).DistinctBy(EpochOf).ToSequence() });
    }

    /// <summary>Adds a row and waits until it is on the disk.</summary>
    /// <exception cref="OutputException">It cannot be written; the rows before it are untouched, and there is no half of it.</exception>
    public void Append(EpochReport report)
    {
        var line = Encoding.UTF8.GetBytes(ReportTable.Line(Cells(report)));
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
        Rows++;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static Sequence<string> ColumnsWith(Sequence<string> figures) => [.. Before, .. figures, .. After];

    // A row that names no epoch is damaged: it counts as one to be done again.
    private static int EpochOf(Sequence<string> row) =>
        int.TryParse(row[0], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : int.MaxValue;

    private Sequence<string> Cells(EpochReport report)
    {
        var (training, pace, found) = (report.Training, report.Pace, report.Found);
        return
        [
            Whole(report.Epoch), Whole(training.Updates), Whole(training.Images),
            Short(pace.Elapsed.TotalSeconds), pace.ImagesPerSecond is { } images ? Short(images) : "",
            Exact(training.Loss), Exact(training.GradientNorm), Exact(training.Rate), Whole(training.Skipped),
            Whole(training.Spikes),
            Whole(found.Count), found.Drawn, found.Calls is { } calls ? Whole(calls) : "",
            .. _figures.Select(name => Cell(found.Figures, name)),
            report.Provenance,
        ];
    }

    private static string Cell(Sequence<Figure> figures, string name) =>
        figures.Where(figure => figure.Name == name).Select(figure => Exact(figure.Value)).SingleOrDefault("");

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Short(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);

    // The shortest digits that give the same number back.
    private static string Exact(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
