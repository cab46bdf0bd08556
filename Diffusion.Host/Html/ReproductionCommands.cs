using System.Globalization;
using Diffusion.Host.Sweeps;
using Diffusion.Model.Datasets;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Html;

/// <summary>The command lines by which a run is done again, gone on with, and looked at.</summary>
internal static class ReproductionCommands
{
    /// <summary>The lines and what they do.</summary>
    public static IEnumerable<object> Of(RunContents run)
    {
        var machine = run.Checkpoint is { } saved
            ? string.Create(CultureInfo.InvariantCulture, $" --device {saved.Device} --threads {saved.Threads}") : "";
        var data = DataPlace.Known(run.Path) is { } place ? $" --data {ResumeLine.Quoted(place)}{Skipping(run.Path)}"
            : IsOfSample(run.Recipe.Data) ? " --offline" : "";
        yield return Html.Tag("p", "The recipe contains every setting and the seed: on the same kind of machine with the same number of " +
            "threads, the first command repeats the run bit for bit.");
        yield return Html.Tag("dl.commands",
            Line($"train {ResumeLine.Quoted(Path.Combine(run.Path, "recipe.json"))} --out " +
                $"{ResumeLine.Quoted($"{Path.TrimEndingDirectorySeparator(run.Path)}-again")}{data}{machine}",
                "repeat the run in a new folder"),
            Line($"train --resume {ResumeLine.Quoted(run.Path)}{machine}",
                "continue the run from its last checkpoint; --steps makes it longer"),
            Line($"sample {ResumeLine.Quoted(run.Path)} -o samples.png", "new samples from its EMA weights"),
            Swept(run).Select(words => Line(words, "sweep over guidance with the same model")),
            Line($"report {ResumeLine.Quoted(run.Path)}", "this page"));
        if (run.Recipe.Data.Sha256 is { } hash)
            yield return Html.Tag("p", "Requires the same images, identified by their hash: ", Html.Tag("code", hash));
    }

    // With a network the whole data set would be found, which are other images.
    private static bool IsOfSample(DataRecipe data)
    {
        if (data.Sha256 is not { } hash || Dataset.Find(data.Set) is not { Embedded: not null } dataset)
            return false;
        using var sample = dataset.Sample(Split.Train);
        return sample.Provenance.Sha256 == hash;
    }

    private static IEnumerable<string> Swept(RunContents run) =>
        from exhibit in run.Exhibits
        where exhibit is { Name: "guidance", Table: { } path } && ReportTable.Read(path).Columns.Contains("method")
        from rows in SweepTable.Read(exhibit.Table!).Where(row => row.Guidance is not null).GroupBy(row => row.Count)
        let weights = rows.Select(row => row.Guidance!.W ?? Round(row.Guidance.Scale - 1, 9)).Distinct()
        let listed = string.Join(',', weights.Select(w => w.ToString(CultureInfo.InvariantCulture)))
        select string.Create(
            CultureInfo.InvariantCulture, $"sweep guidance {ResumeLine.Quoted(run.Path)} --guidance {listed} --count {rows.Key}");

    private static string Skipping(string run) => DataPlace.BadOf(run) == BadImages.Skipped ? " --skip-bad" : "";

    private static object[] Line(string words, string effect) =>
        [Html.Tag("dt", Html.Tag("code", $"{ResumeLine.Call} {words}")), Html.Tag("dd", effect)];
}
