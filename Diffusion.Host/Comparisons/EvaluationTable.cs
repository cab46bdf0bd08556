using System.Text.Json.Nodes;
using Diffusion.Host.Charts;
using Diffusion.Host.Displays;
using Diffusion.Host.Html;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Comparisons;

/// <summary>The evaluations of a run one below the other, or the last ones of several runs.</summary>
public static class EvaluationTable
{
    private const string RunColumn = "run";

    private static readonly Sequence<string> First = ["epoch", "step", "loss"];
    private static readonly Sequence<string> Later =
    [
        "images_per_second", "seconds", "learning_rate", "gradient_norm", "images", "skipped_steps", "loss_spikes", "samples", "sampler",
        "nfe",
    ];

    private static readonly Sequence<string> OfEnds = ["step", "epoch", "loss"];
    private static readonly Sequence<string> AfterEnds = ["images", "seconds", "samples", "sampler", "nfe"];

    /// <summary>Whether a place is a run's folder, or the report of one.</summary>
    public static bool IsRun(string place) => Directory.Exists(place) || ReportOf(place) is not null;

    /// <summary>The table of one run or of several.</summary>
    /// <param name="places">Run folders, or their reports.</param>
    /// <exception cref="InputException">One is none, or has no evaluation yet.</exception>
    public static ComparedTable Of(Sequence<string> places) => places.Count == 1 ? OfRun(places[0]) : OfRuns(places);

    private static ComparedTable OfRun(string place)
    {
        var curves = Read(place);
        var table = curves.Table;
        var columns = First.Concat(curves.Overall).Concat(Later).Where(table.Columns.Contains).ToSequence();
        string[] Cells(string column) => [.. table.Under([column]).Rows.Select(row => row[0])];
        bool IsShared(string column) => table.Rows.Count > 1 && Later.Contains(column) && Cells(column).Distinct().Count() == 1;
        var shared = columns.Where(IsShared).Select(column => $"{column} {Html.Html.Short(Cells(column)[0])}".TrimEnd()).ToList();
        return new(table, columns.Where(column => !IsShared(column)).ToSequence())
        {
            Remark = shared.Count > 0 ? $"In all rows: {string.Join(", ", shared)}." : "",
            Json = new()
            {
                ["run"] = place,
                ["rows"] = new JsonArray([.. table.Rows.Select(row => ComparedTable.JsonOf(table.Columns, row))]),
            },
        };
    }

    private static ComparedTable OfRuns(Sequence<string> places)
    {
        var runs = places.Select(Read).ToSequence();
        var names = places.Select(place => Path.TrimEndingDirectorySeparator(place)).ToSequence();
        var columns = runs.SelectMany(run => run.Table.Columns).Distinct().ToSequence();
        var ends = runs.Zip(names, (run, name) => (Sequence<string>)[name, .. run.Table.Under(columns).Rows[^1]]).ToSequence();
        var table = new ReportTable([RunColumn, .. columns], ends);
        var differences = RecipesOf(places) is { } recipes ? SettingRows.Differences(recipes) : [];
        var unlike = Measure.Differences(runs.Select(run => run.Last!).ToSequence());
        return new(table,
            [RunColumn, .. OfEnds.Concat(runs.SelectMany(run => run.Overall).Distinct()).Concat(AfterEnds).Where(columns.Contains)])
        {
            Remark = differences.Count > 0 ? $"Settings that differ:\n{new TextTable(["", .. names], differences).Text(null)}" : "",
            Warning = unlike.Count > 0 ? $"not measured alike ({string.Join(", ", unlike)}): the distances are not comparable" : null,
            Json = new()
            {
                ["runs"] = new JsonArray([.. ends.Select(row => ComparedTable.JsonOf(table.Columns, row))]),
                ["measured_differently"] = new JsonArray([.. unlike.Select(name => (JsonNode?)name)]),
                ["differences"] = new JsonArray([.. differences.Select(row => new JsonObject
                {
                    ["setting"] = row[0],
                    ["values"] = new JsonArray([.. row.Skip(1).Select(value => (JsonNode?)value)]),
                })]),
            },
        };
    }

    private static Sequence<Recipe>? RecipesOf(Sequence<string> places)
    {
        var files = places.Select(place => Path.Combine(place, RunFolder.RecipeName)).ToSequence();
        return files.All(File.Exists) ? files.Select(RecipeFile.Read).ToSequence() : null;
    }

    private static RunCurves Read(string place)
    {
        var curves = !Directory.Exists(place) && ReportOf(place) is { } table ? new(place, "", table, new([], [])) : RunCurves.Read(place);
        return curves.Table.Rows.Count > 0 ? curves
            : throw new InputException(place, "no rows", "a run with at least one evaluation");
    }

    private static ReportTable? ReportOf(string file) =>
        File.Exists(file) && ReportTable.Read(file) is var table && table.Columns.Contains("epoch") && table.Columns.Contains("step")
            ? table : null;
}
