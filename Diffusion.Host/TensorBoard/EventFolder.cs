using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Runs;

namespace Diffusion.Host.TensorBoard;

/// <summary>A run's report as event files, which TensorBoard draws while the run goes on.</summary>
/// <remarks>
/// They follow from report.csv and the sheets of samples. A session writes a file of its own, with the epochs that no earlier file has: a
/// run that is stopped and resumed, at whatever instant, has every step once.
/// </remarks>
/// <param name="folder">Where the event files are.</param>
/// <param name="clock">The time that events are given.</param>
public sealed class EventFolder(string folder, TimeProvider clock)
{
    private static readonly Sequence<string> OfTraining = ["loss", "gradient_norm", "learning_rate", "images_per_second"];

    private string? _file;
    private long? _last;

    /// <summary>Where the event files are.</summary>
    public string Folder => folder;

    /// <summary>Adds every epoch that is not in it yet.</summary>
    /// <param name="run">The run's folder.</param>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public void Follow(RunFolder run)
    {
        _last ??= LastStep();
        var table = ReportTable.Read(run.Report);
        var rows = table.Rows.Select(
            row => table.Columns.Zip(row).DistinctBy(cell => cell.First).ToDictionary(cell => cell.First, cell => cell.Second))
            .Where(row => Number(row, "step") > _last).ToList();
        if (rows.Count == 0)
            return;
        using var events = new MemoryStream();
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        if (_file is null)
            EventRecord.Write(events, Summary.Beginning(now));
        foreach (var row in rows)
        {
            var (step, time) = ((long)Number(row, "step"), now - (Number(rows[^1], "seconds") - Number(row, "seconds")));
            foreach (var summary in Summaries(row, table.Columns, run))
                EventRecord.Write(events, summary.Event(double.IsFinite(time) ? time : now, step));
        }
        OutputException.Guard(folder, () => Append(events.ToArray()));
        _last = (long)Number(rows[^1], "step");
    }

    private static IEnumerable<Summary> Summaries(Dictionary<string, string> row, Sequence<string> columns, RunFolder run)
    {
        foreach (var column in OfTraining.Where(column => double.IsFinite(Number(row, column))))
            yield return new Summary.Scalar($"training/{column}", Number(row, column));
        foreach (var column in columns.SkipWhile(column => column != "nfe")
            .Skip(1).TakeWhile(column => column != "provenance").Where(column => double.IsFinite(Number(row, column))))
            yield return new Summary.Scalar($"measured/{column}", Number(row, column));
        var sheet = run.Samples((long)Number(row, "step"));
        if (File.Exists(sheet) && File.ReadAllBytes(sheet) is var png && PngNotes.Read(png) is { } size)
            yield return new Summary.Image("samples", size, png);
    }

    private long LastStep() => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*.tfevents.*").SelectMany(
            file => EventRecord.Read(File.ReadAllBytes(file))).Select(content => Summary.StepOf(content)).DefaultIfEmpty(0).Max()
        : 0;

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

    private static double Number(Dictionary<string, string> row, string column) =>
        double.TryParse(row.GetValueOrDefault(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value : double.NaN;
}
