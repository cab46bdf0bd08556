using System.Text.RegularExpressions;
using Diffusion.Host.Charts;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Html;

/// <summary>What a report is written from: a run's folder as it is now.</summary>
/// <param name="Path">The folder, as it was asked for.</param>
/// <param name="Recipe">Every setting.</param>
/// <param name="Curves">The rows of its epochs, at least one.</param>
/// <param name="Sheets">The sheets of samples, in the order in which they were drawn.</param>
/// <param name="Exhibits">What else was made from it.</param>
/// <param name="Log">The lines of its log that are no progress.</param>
/// <param name="Checkpoint">The latest checkpoint that says what it is, or null.</param>
public sealed partial record RunContents(
    string Path, Recipe Recipe, RunCurves Curves, Sequence<Sheet> Sheets, Sequence<Exhibit> Exhibits, Sequence<string> Log,
    CheckpointHeader? Checkpoint)
{
    /// <summary>Reads a folder; the run may go on meanwhile.</summary>
    /// <exception cref="InputException">It is no run's, or its run has not ended an epoch.</exception>
    public static RunContents Read(string path)
    {
        var curves = RunCurves.Read(path);
        if (curves.Table.Rows.Count == 0)
            throw new InputException(path, "no evaluation", "a run with at least one evaluation");
        var sheets = Directory.EnumerateFiles(path, "samples-*.png")
            .Select(file => (File: file, Match: SheetName().Match(System.IO.Path.GetFileNameWithoutExtension(file))))
            .Where(found => found.Match.Success)
            .Select(found => (found.File, Counted: found.Match.Groups[1].Value, Number: int.Parse(found.Match.Groups[2].ValueSpan)))
            .OrderBy(sheet => sheet.Counted, StringComparer.Ordinal).ThenBy(sheet => sheet.Number)
            .Select(sheet => new Sheet(sheet.File, When(sheet.Counted, sheet.Number, curves.Table))).ToSequence();
        return new(path, RecipeFile.Read(System.IO.Path.Combine(path, "recipe.json")), curves, sheets, Exhibit.In(path), ReadLog(path),
            LatestHeader(path));
    }

    /// <summary>A column of the last evaluation, or an empty text.</summary>
    public string Last(string column) => Curves.Table.Under([column]).Rows[^1][0];

    internal static bool IsSheet(string name) => SheetName().IsMatch(name);

    // Sheets of runs of before are named by the number of their evaluation, which was called an epoch.
    private static string When(string counted, int number, ReportTable report) =>
        counted == "epoch" ? $"evaluation {number}"
        : report.Under(["step", "epoch"]).Rows.FirstOrDefault(row => row[0] == $"{number}") is { } row ? $"epoch {row[1]}"
        : $"step {number}";

    private static Sequence<string> ReadLog(string path)
    {
        var log = System.IO.Path.Combine(path, "log.txt");
        OrdinaryFile.Require(log);
        return File.Exists(log) ? File.ReadLines(log).Where(line => !Progress().IsMatch(line)).ToSequence() : [];
    }

    private static CheckpointHeader? LatestHeader(string path)
    {
        var store = System.IO.Path.Combine(path, CheckpointStore.FolderName);
        if (!Directory.Exists(store))
            return null;
        try
        {
            return Directory.EnumerateDirectories(store, "step-*").Order(StringComparer.Ordinal).LastOrDefault() is { } latest
                ? Model.Checkpoints.Checkpoint.ReadHeader(latest)
                : null;
        }
        catch (InvalidFileException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^samples-(epoch|step)-(\d{1,9})$")]
    private static partial Regex SheetName();

    [GeneratedRegex(@"^\S+ \S+  \w+: \d+ of \d+ ")]
    private static partial Regex Progress();
}

/// <summary>The sheet of samples of an evaluation.</summary>
/// <param name="Path">The file.</param>
/// <param name="When">After what, such as <c>epoch 3</c>.</param>
public readonly record struct Sheet(string Path, string When);
