using System.Globalization;
using System.Xml.Linq;
using Diffusion.Host.Charts;
using Diffusion.Host.Comparisons;
using Diffusion.Host.Html;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Microsoft.AspNetCore.Http;
using static Diffusion.Host.Html.Html;

namespace Diffusion.Host.Studio.Pages;

/// <summary>Runs as documents that the server writes whole: they are read without JavaScript.</summary>
internal static class RunViews
{
    private const int MostCompared = 8;

    /// <summary>The list, as a form that compares what is chosen.</summary>
    public static XElement List(RunsRoot root, Sequence<RunEntry> runs) => runs.Count == 0
        ? Tag("p", With("id", "list"), $"There is no run below {root.Path} yet.")
        : Tag("form", With("id", "list"), With("method", "get"), With("action", "/runs/~compare"),
            Tag("div.scroll", With("role", "region"), With("aria-label", "Runs"), With("tabindex", "0"), Tag("table",
                Tag("caption", $"Runs below {root.Path}, the latest first"),
                Tag("thead", Tag("tr", new[] { "", "run", "state", "steps", "loss", "distance", "written (UTC)", "recipe" }
                    .Select(name => Tag("th", With("scope", "col"), name)))),
                Tag("tbody", runs.Select(Row)))),
            runs.Count > 1 ? Tag("p", Tag("button", With("type", "submit"), "Compare the chosen runs")) : null);

    /// <summary>The page of one run, which the module <c>run</c> keeps up to date.</summary>
    public static Func<Layout, HttpRequest, string> One(StudioContext studio, StudioPage page) => (layout, request) =>
    {
        var name = (string)request.RouteValues["name"]!;
        // A run that has just begun has no folder yet.
        var folder = studio.Trainings.Of(name) is null ? studio.Runs.Find(name) : Path.Combine(studio.Runs.Path, name);
        return layout.Whole(name, page,
            Tag("p", Layout.Link("/runs", "All runs")),
            Tag("div", With("id", "live"), With("data-run", name)),
            Tag("div", With("id", "run"), Contents(folder, name)),
            Layout.Module("run"));
    };

    /// <summary>The page of several.</summary>
    public static Func<Layout, HttpRequest, string> Compared(StudioContext studio, StudioPage page) => (layout, request) =>
    {
        var names = request.Query["run"].OfType<string>().Distinct().ToList();
        if (names.Count is < 2 or > MostCompared)
            throw new RefusedException(400, $"choose 2 to {MostCompared} runs to compare");
        var folders = names.Select(studio.Runs.Find).ToSequence();
        var runs = folders.Select(RunContents.Read).ToSequence();
        return layout.Whole("Comparison", page,
            Tag("p", Layout.Link("/runs", "All runs")),
            EvaluationTable.Of(folders).Warning is { } warning ? Tag("p.warning", With("role", "note"), $"Warning: {warning}.") : null,
            new ComparisonPage(runs, studio.Runs.Path).Parts(new(studio.Runs.Path)
            {
                Served = file => Address(names[folders.ToList().IndexOf(Path.GetDirectoryName(file)!)], file),
            }));
    };

    private static XElement Row(RunEntry run) => Tag("tr",
        Tag("td", Tag("input", With("type", "checkbox"), With("name", "run"), With("value", run.Name),
            With("aria-label", $"compare {run.Name}"))),
        Tag("th", With("scope", "row"), Layout.Link($"/runs/{Escaped(run.Name)}", run.Name)),
        Tag("td", Tag($"span.state {run.State.Replace(' ', '-')}", run.State)),
        Tag("td.number", run.Of is { } all ? $"{run.Step}/{all}" : $"{run.Step}"),
        Tag("td.number", run.Loss is { } loss ? NumberText.Short(loss, "0.####") : ""),
        Tag("td", run.Distance is { } distance ? $"{run.Measure} {NumberText.Short(distance, "0.###")}" : ""),
        Tag("td", run.Written.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)),
        Tag("td", run.Recipe ?? ""));

    private static IEnumerable<XElement> Contents(string folder, string name)
    {
        try
        {
            return new RunPage(RunContents.Read(folder), folder).Parts(new(folder) { Served = file => Address(name, file) });
        }
        catch (InputException)
        {
            return Beginning(folder, name);
        }
    }

    // Before the first evaluation there are the rows of steps.
    private static IEnumerable<XElement> Beginning(string folder, string name)
    {
        yield return Tag("header", Tag("p.kind", "Diffusion run"), Tag("h1", name), Tag("p.lead", "No evaluation yet."));
        var file = Path.Combine(folder, "steps.csv");
        if (File.Exists(file) && ReportTable.Read(file) is { Rows.Count: > 1 } steps)
            yield return Tag("section", Tag("h2", "Curves"), CurveFigures.Of(
                [new(name, RecipeFile.Read(Path.Combine(folder, RunFolder.RecipeName)).Name, new([], []), steps)]));
    }

    private static string Address(string run, string file) =>
        $"/api/runs/file?run={Uri.EscapeDataString(run)}&file={Uri.EscapeDataString(Path.GetFileName(file))}";

    private static string Escaped(string name) => string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
}
