using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Runs;

/// <summary>What a run folder says of its run at a glance: no weights are read or hashed, and damage is reported, not thrown.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Recipe">Its recipe, from its file or else from a checkpoint; null where neither can be read.</param>
/// <param name="Report">The rows of its evaluations; none where there is no report that can be read.</param>
/// <param name="Checkpoints">Its checkpoints that say what they are, the oldest first.</param>
/// <param name="Troubles">What is damaged, each in a line.</param>
public sealed record RunSummary(
    string Path, Recipe? Recipe, ReportTable Report, Sequence<SavedCheckpoint> Checkpoints, Sequence<string> Troubles)
{
    private const string ReportName = "report.csv";
    private const string CheckpointPrefix = "step-";

    private static readonly EnumerationOptions Lenient =
        new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>What can be known of how far it is.</summary>
    public RunState State { get; init; }

    /// <summary>When something was last written.</summary>
    public DateTime Written { get; init; }

    /// <summary>Updates made, as far as a checkpoint or a row of the report says.</summary>
    public long Steps => Max(
        Checkpoints.Count > 0 ? Checkpoints[^1].Header.Updates : 0,
        long.TryParse(Last("step"), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : 0);

    /// <summary>The loss of the last evaluation; null where there is none.</summary>
    public double? Loss => Number(Last("loss"));

    /// <summary>What was measured last that is not of a single class; null where nothing was.</summary>
    public MetricValue? Distance => Report.Columns.SkipWhile(column => column != "nfe").Skip(1)
        .TakeWhile(column => column != "provenance")
        .Select(column => (column, Number(Last(column))))
        .Where(measure => measure.Item2 is not null)
        .Select(measure => new MetricValue(measure.column, measure.Item2!.Value)).Cast<MetricValue?>().FirstOrDefault();

    /// <summary>A column of the last evaluation, or an empty text.</summary>
    /// <param name="column">Its name.</param>
    public string Last(string column) => Report.Rows.Count > 0 ? Report.Under([column]).Rows[^1][0] : "";

    /// <summary>Whether a folder is that of a run: it has a recipe or checkpoints.</summary>
    /// <param name="path">The folder.</param>
    public static bool IsRun(string path) =>
        System.IO.Path.Exists(System.IO.Path.Combine(path, RunFolder.RecipeName)) || CheckpointsIn(path).Any();

    /// <summary>
    /// The runs in a folder and in folders below it, down to a depth of four; not those inside a run, nor behind links. A folder that has a
    /// recipe and nothing else of a run is none.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The summaries, by the time of what was last written.</returns>
    public static Sequence<RunSummary> Below(string folder) =>
        Search(folder, 4).Select(Read).OrderBy(run => run.Written).ThenBy(run => run.Path, StringComparer.Ordinal).ToSequence();

    /// <summary>The summary of one folder.</summary>
    /// <param name="path">A folder for which <see cref="IsRun"/> holds.</param>
    public static RunSummary Read(string path)
    {
        var troubles = new List<string>();
        T? Try<T>(string file, Func<string, T> read)
            where T : class
        {
            if (!System.IO.Path.Exists(file))
                return null;
            try
            {
                OrdinaryFile.Require(file);
                return read(file);
            }
            catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
            {
                troubles.Add(trouble.Message.TrimEnd('.'));
                return null;
            }
        }
        var written = Try(System.IO.Path.Combine(path, RunFolder.RecipeName), RecipeFile.Read);
        var report = Try(System.IO.Path.Combine(path, ReportName), ReportTable.Read) ?? new([], []);
        if (report.Columns.Count > 0 && !report.Columns.Contains("step"))
            troubles.Add($"{System.IO.Path.Combine(path, ReportName)}: found no column step; expected the report of a run");
        var checkpoints = new List<SavedCheckpoint>();
        foreach (var folder in CheckpointsIn(path).Order(StringComparer.Ordinal))
            if (Try(System.IO.Path.Combine(folder, Checkpoint.HeaderName), _ => Checkpoint.ReadHeader(folder)) is { } header)
                checkpoints.Add(new(folder, header));
            else if (!File.Exists(System.IO.Path.Combine(folder, Checkpoint.HeaderName)))
                troubles.Add($"{folder}: found no {Checkpoint.HeaderName}; expected a whole checkpoint");
        var summary = new RunSummary(
            path, written ?? (checkpoints.Count > 0 ? checkpoints[^1].Header.Recipe : null), report, checkpoints.ToSequence(),
            troubles.ToSequence())
        {
            Written = LastWrite(path),
        };
        return summary with { State = StateOf(summary) };
    }

    // A run that is not finished is going on where a process has it; one on another machine is not always seen.
    private static RunState StateOf(RunSummary run) => run switch
    {
        { Recipe: null } => RunState.Damaged,
        { Checkpoints: [.., var last] } when !Checkpoint.CanBeResumed(last.Header) => RunState.WeightsOnly,
        { Recipe.Length.Steps: var all } when run.Steps >= all && run.Checkpoints is not [.., { Header: not { IsGood: true } }]
            && (run.Checkpoints.Count == 0 || run.Checkpoints[^1].Header.Updates >= all) => RunState.Finished,
        _ when RunFolder.IsInUse(run.Path) => RunState.Running,
        { Checkpoints: [.., { Header.IsGood: false }] } => RunState.Diverged,
        _ => RunState.Stopped,
    };

    private static IEnumerable<string> Search(string folder, int depth)
    {
        if (IsRun(folder) && HasBegun(folder))
            return [folder];
        return depth == 0 ? [] : Directory.EnumerateDirectories(folder, "*", Lenient)
            .Where(inner => !System.IO.Path.GetFileName(inner).StartsWith('.')).SelectMany(inner => Search(inner, depth - 1));
    }

    // A recipe alone is one that someone saved, unless a process is about to train it.
    private static bool HasBegun(string path) =>
        new[] { ReportName, "log.txt", "steps.csv" }.Any(name => System.IO.Path.Exists(System.IO.Path.Combine(path, name)))
            || CheckpointsIn(path).Any() || RunFolder.IsInUse(path);

    private static IEnumerable<string> CheckpointsIn(string path) =>
        System.IO.Path.Combine(path, CheckpointStore.FolderName) is var store && Directory.Exists(store)
            ? Directory.EnumerateDirectories(store, $"{CheckpointPrefix}*", Lenient)
                .Where(folder => !folder.EndsWith(AtomicFile.PartialExtension, StringComparison.Ordinal))
            : [];

    private static DateTime LastWrite(string path) =>
        new[] { ReportName, "log.txt", "steps.csv", RunFolder.RecipeName }
            .Select(name => System.IO.Path.Combine(path, name)).Where(File.Exists)
            .Concat(CheckpointsIn(path)).Select(File.GetLastWriteTimeUtc).DefaultIfEmpty(Directory.GetLastWriteTimeUtc(path)).Max();

    private static double? Number(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>A checkpoint that says what it is; its files are not looked into.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Header">What it says.</param>
public sealed record SavedCheckpoint(string Folder, CheckpointHeader Header)
{
    /// <summary>Bytes of its files, as it says.</summary>
    public long ByteCount => Header.Files.Sum(file => file.Length);
}

/// <summary>How far a run is.</summary>
public enum RunState
{
    /// <summary>Every step is made and saved.</summary>
    Finished,

    /// <summary>Steps are missing, and no process of this machine is at it.</summary>
    Stopped,

    /// <summary>Steps are missing, and a process has the folder.</summary>
    Running,

    /// <summary>The weights of the last checkpoint are no longer of use.</summary>
    Diverged,

    /// <summary>Weights that were imported or averaged: nothing goes on.</summary>
    WeightsOnly,

    /// <summary>It cannot be read what the run is.</summary>
    Damaged,
}
