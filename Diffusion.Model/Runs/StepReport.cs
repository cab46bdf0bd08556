using System.Globalization;
using System.Text;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Training;

namespace Diffusion.Model.Runs;

/// <summary><c>steps.csv</c>: how training goes, in a row every few steps. A run can be gone on with whatever becomes of it.</summary>
/// <remarks>
/// A row comes after every step up to 20, after every 5 steps up to 500, after every 20 up to 5,000, and after every 50 from there: which
/// steps have one does not depend on the length of the run. A row is in the file as soon as it is known, and on the disk with the next
/// checkpoint. Rows after the checkpoint from which a run goes on are taken out, and come again.
/// </remarks>
public sealed class StepReport : IDisposable
{
    private const int StepColumn = 0;

    private readonly string _path;
    private readonly List<string> _lines;
    private FileStream? _file;
    private int _written;
    private bool _isInTrouble;

    private StepReport(string path, List<string> lines) => (_path, _lines) = (path, lines);

    /// <summary>Names of the columns.</summary>
    public static Sequence<string> Columns { get; } =
        ["step", "epoch", "images", "loss", "gradient_norm", "learning_rate", "images_per_second", "seconds"];

    /// <summary>Whether there is a row after so many steps.</summary>
    public static bool IsAt(long step) => step > 0 && step % Every(step) == 0;

    /// <summary>What became of the rows of before, in a line; null where they are all there.</summary>
    public string? Remark { get; private init; }

    /// <summary>Called, once, when rows cannot be written. They are kept, and written when it is possible again.</summary>
    public Action<string> Trouble { get; set; } = _ => { };

    /// <summary>The rows of a new run: none.</summary>
    /// <param name="path">The file; made with the first row.</param>
    public static StepReport Create(string path) => new(path, []);

    /// <summary>The rows of a run that goes on, as far as they are there.</summary>
    /// <param name="path">The file; one that is missing has no rows.</param>
    /// <param name="updates">Updates made; rows after them are taken out.</param>
    public static StepReport Continue(string path, long updates)
    {
        var (found, damage) = Earlier(path);
        var kept = new List<Sequence<string>>();
        var last = 0L;
        foreach (var row in found.Under(Columns).Rows)
            if (long.TryParse(row[StepColumn], NumberStyles.None, CultureInfo.InvariantCulture, out var step)
                && step > last && step <= updates && IsAt(step))
            {
                if (!row.All(IsNumber))
                {
                    damage ??= string.Create(CultureInfo.InvariantCulture, $"{path} has no numbers in the row of step {step}");
                    continue;
                }
                kept.Add(row);
                last = step;
            }
        var lacking = CountUpTo(updates) - kept.Count;
        var isAside = damage is not null && TryFiles(() => File.Copy(path, AsideOf(path), overwrite: true));
        var report = new StepReport(path, [.. kept.Select(ReportTable.Line)])
        {
            Remark = lacking <= 0 ? null : Remarks(path, damage, (kept.Count, lacking, updates), isAside),
        };
        TryFiles(() =>
        {
            if (File.Exists(path) && File.ReadAllText(path) == report.Text)
                report.Open();
            else if (File.Exists(path) || kept.Count > 0)
                report.Rewrite();
        });
        return report;
    }

    /// <summary>Adds a row.</summary>
    /// <param name="training">How training went since the row before.</param>
    /// <param name="epoch">Passes over the data so far.</param>
    /// <param name="pace">How fast.</param>
    public void Append(TrainingInterval training, string epoch, Pace pace)
    {
        _lines.Add(ReportTable.Line(
        [
            Digits(training.Updates), epoch, Digits(training.Images), Exact(training.Loss), Exact(training.GradientNorm),
            Exact(training.Rate), pace.ImagesPerSecond is { } images ? Short(images) : "", Short(pace.Elapsed.TotalSeconds),
        ]));
        Write();
    }

    /// <summary>Waits until all rows are on the disk: before a checkpoint, which presupposes them.</summary>
    public void Flush() => Attempt(() =>
    {
        WritePending();
        _file?.Flush(flushToDisk: true);
    });

    /// <summary>Writes the rows anew where the file is gone. Returns whether it was.</summary>
    public bool Mend()
    {
        if (_lines.Count == 0 || _file is null || File.Exists(_path))
            return false;
        Attempt(Rewrite);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private static long Every(long step) => step switch
    {
        <= 20 => 1,
        <= 500 => 5,
        <= 5_000 => 20,
        _ => 50,
    };

    private static long CountUpTo(long updates) =>
        Min(updates, 20) + Max(Min(updates, 500) / 5 - 4, 0) + Max(Min(updates, 5_000) / 20 - 25, 0) + Max(updates / 50 - 100, 0);

    private string Text => string.Concat(_lines.Prepend(ReportTable.Line(Columns)));

    private void Write() => Attempt(WritePending);

    private void Attempt(Action write)
    {
        try
        {
            OutputException.Guard(_path, write);
            _isInTrouble = false;
        }
        catch (OutputException trouble)
        {
            if (!_isInTrouble)
                Trouble(trouble.Message);
            _isInTrouble = true;
        }
    }

    private void WritePending()
    {
        if (_file is null && _lines.Count > 0)
            Rewrite();
        if (_file is null || _written == _lines.Count)
            return;
        var length = _file.Length;
        try
        {
            _file.Write(Encoding.UTF8.GetBytes(string.Concat(_lines.Skip(_written))));
            _written = _lines.Count;
        }
        catch (IOException)
        {
            _file.SetLength(length);
            throw;
        }
    }

    private void Rewrite()
    {
        RunFolder.Write(_path, stream => stream.Write(Encoding.UTF8.GetBytes(Text)));
        Open();
    }

    private void Open()
    {
        var opened = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _file?.Dispose();
        (_file, _written) = (opened, _lines.Count);
    }

    private static (ReportTable Table, string? Damage) Earlier(string path)
    {
        if (!File.Exists(path))
            return (new([], []), null);
        try
        {
            var table = ReportTable.Read(path);
            return table.Columns.Contains(Columns[StepColumn])
                ? (table, null) : (new([], []), $"{path} has no column {Columns[StepColumn]}");
        }
        catch (Exception damage) when (damage is InputException or IOException or UnauthorizedAccessException)
        {
            return (new([], []), Sentence.Of(damage).TrimEnd('.'));
        }
    }

    // A loss may have left the finite numbers, and be an empty cell or infinite.
    private static bool IsNumber(string cell) => cell is "" or "Infinity" or "-Infinity"
        || (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number));

    // Curves are worth less than a run: what cannot be done now is reported with the next row.
    private static bool TryFiles(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string AsideOf(string path) => Path.ChangeExtension(path, ".damaged.csv");

    private static string Remarks(string path, string? damage, (int Kept, long Lacking, long Updates) rows, bool isAside)
    {
        var trouble = damage ?? (File.Exists(path) || rows.Kept > 0 ? $"{path} is not whole" : $"{path} is not there");
        var what = rows.Kept == 0 ? $"its rows begin after step {rows.Updates}"
            : rows.Lacking == 1 ? $"1 row up to step {rows.Updates} is missing"
            : $"{rows.Lacking} rows up to step {rows.Updates} are missing";
        return string.Create(
            CultureInfo.InvariantCulture, $"{trouble}: {what}{(isAside ? $"; what was there is in {AsideOf(path)}" : "")}");
    }

    private static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Short(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);

    // The shortest digits that give the same number back; empty where there is none.
    private static string Exact(double number) => double.IsNaN(number) ? "" : number.ToString("R", CultureInfo.InvariantCulture);
}
