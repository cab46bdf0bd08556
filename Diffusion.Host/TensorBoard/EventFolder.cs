using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Runs;
using Tensorboard;

namespace Diffusion.Host.TensorBoard;

/// <summary>A run's tables as event files, which TensorBoard draws while the run goes on.</summary>
/// <remarks>
/// They follow from report.csv, steps.csv and the sheets of samples. A session writes a file of its own, with the rows that no earlier file
/// has: a run that is stopped and resumed, at whatever instant, has every step once.
/// </remarks>
/// <param name="folder">Where the event files are.</param>
/// <param name="clock">The time that events are given.</param>
public sealed class EventFolder(string folder, TimeProvider clock)
{
    // What the rows of steps are called: no other tag begins so.
    private const string OfSteps = "steps/";

    private static readonly TimeSpan BetweenSteps = TimeSpan.FromSeconds(10);

    private static readonly Sequence<string> OfTraining = ["loss", "gradient_norm", "learning_rate", "images_per_second"];

    private string? _file;
    private (long Evaluation, long Step)? _last;
    private long? _looked;

    /// <summary>Where the event files are.</summary>
    public string Folder => folder;

    /// <summary>Adds every evaluation, and every row of steps, that is not in it yet.</summary>
    /// <param name="run">The run's folder.</param>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public void Follow(RunFolder run) => Follow(run, File.Exists(run.Report) ? ReportTable.Read(run.Report) : new([], []));

    /// <summary>Adds the rows of steps that are not in it yet, every few seconds.</summary>
    /// <param name="run">The run's folder.</param>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public void FollowSteps(RunFolder run)
    {
        if (_looked is { } looked && clock.GetElapsedTime(looked) < BetweenSteps)
            return;
        _looked = clock.GetTimestamp();
        Follow(run, new([], []));
    }

    private void Follow(RunFolder run, ReportTable report)
    {
        var last = _last ??= LastSteps();
        var evaluations = After(last.Evaluation, report);
        var steps = After(last.Step, File.Exists(run.Steps) ? ReportTable.Read(run.Steps) : new([], []));
        Row[] rows = [.. steps, .. evaluations];
        if (rows.Length == 0)
            return;
        using var events = new MemoryStream();
        var (now, end) = (clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0, rows.Max(row => row.Number("seconds")));
        if (_file is null)
            EventRecord.Write(events, Events.Beginning(now));
        double TimeOf(Row row) => now - (end - row.Number("seconds")) is var time && double.IsFinite(time) ? time : now;
        foreach (var row in steps)
            foreach (var value in Training(row, OfSteps))
                EventRecord.Write(events, Events.Of(TimeOf(row), row.Step, value));
        foreach (var row in evaluations)
            foreach (var value in Training(row, "training/").Concat(Measured(row, report.Columns, run)))
                EventRecord.Write(events, Events.Of(TimeOf(row), row.Step, value));
        OutputException.Guard(folder, () => Append(events.ToArray()));
        _last = (evaluations.LastOrDefault()?.Step ?? last.Evaluation, steps.LastOrDefault()?.Step ?? last.Step);
    }

    private static List<Row> After(long step, ReportTable table) =>
        [.. table.Rows.Select(row => Row.Of(table.Columns, row)).Where(row => row.Step > step).OrderBy(row => row.Step)];

    private static IEnumerable<Summary.Types.Value> Training(Row row, string prefix) =>
        from column in OfTraining
        where double.IsFinite(row.Number(column))
        select Events.Scalar(prefix + column, row.Number(column));

    private static IEnumerable<Summary.Types.Value> Measured(Row row, Sequence<string> columns, RunFolder run)
    {
        foreach (var column in columns.SkipWhile(column => column != "nfe")
            .Skip(1).TakeWhile(column => column != "provenance").Where(column => double.IsFinite(row.Number(column))))
            yield return Events.Scalar($"measured/{column}", row.Number(column));
        var sheet = run.Samples(row.Step);
        if (File.Exists(sheet) && File.ReadAllBytes(sheet) is var png && PngNotes.Read(png) is { } size)
            yield return Events.Image("samples", size, png);
    }

    private (long Evaluation, long Step) LastSteps()
    {
        var (evaluation, step) = (0L, 0L);
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.tfevents.*") : [])
            foreach (var found in EventRecord.Read(OrdinaryFile.ReadAll(file, Array.MaxLength)).Select(Events.Read).OfType<Event>())
                if (found.Summary?.Value.Any(value => value.Tag.StartsWith(OfSteps, StringComparison.Ordinal)) == true)
                    step = Max(step, found.Step);
                else
                    evaluation = Max(evaluation, found.Step);
        return (evaluation, step);
    }

    private void Append(byte[] events)
    {
        Directory.CreateDirectory(folder);
        using var file = _file is null ? Create() : new FileStream(_file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        file.Write(events);
        _file = file.Name;
    }

    // TensorBoard reads the files of a folder in the order of their names, which begin with the time.
    private FileStream Create()
    {
        for (var number = 0; ; number++)
        {
            var name = Path.Combine(folder, string.Create(
                CultureInfo.InvariantCulture, $"events.out.tfevents.{clock.GetUtcNow().ToUnixTimeSeconds():D10}.diffusion.{number:D3}"));
            if (!File.Exists(name))
                return new(name, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
        }
    }

    private sealed record Row(Dictionary<string, string> Cells)
    {
        public static Row Of(Sequence<string> columns, Sequence<string> cells) =>
            new(columns.Zip(cells).DistinctBy(cell => cell.First).ToDictionary(cell => cell.First, cell => cell.Second));

        public long Step => Number("step") is > 0 and < long.MaxValue and var step ? (long)step : 0;

        public double Number(string column) =>
            double.TryParse(Cells.GetValueOrDefault(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                ? value : double.NaN;
    }
}
