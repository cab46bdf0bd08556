using System.Globalization;
using System.Xml.Linq;
using Diffusion.Host.Commands;
using Diffusion.Host.Html;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;
using Microsoft.AspNetCore.Http;
using static Diffusion.Host.Html.Html;

namespace Diffusion.Host.Studio.Pages;

/// <summary>Lists runs, and shows one while it trains.</summary>
/// <param name="studio">What it works with.</param>
internal sealed class RunsPage(StudioContext studio)
    : StudioPage("runs", "Runs", "Training runs, live: begin one, watch it, compare them.")
{
    private const long LargestFile = 64 << 20;

    private static readonly Dictionary<string, string> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        [".csv"] = "text/csv", [".json"] = "application/json", [".txt"] = "text/plain; charset=utf-8",
    };

    /// <inheritdoc/>
    public override Sequence<StudioRoute> Routes =>
    [
        new("GET", "/runs", "Every run below the folder of runs, the latest first.", () => studio.Runs.All.Select(Entry).ToList()),
        new("GET", "/runs/file", "A file of a run: an image, a table, its recipe or its log.", File),
    ];

    /// <inheritdoc/>
    public override Sequence<StudioView> Views => [new("{**name}", View)];

    /// <inheritdoc/>
    public override object Body => studio.Runs.All is { Count: > 0 } runs
        ? Table($"Runs below {studio.Runs.Path}, the latest first", runs)
        : Tag("p", $"There is no run below {studio.Runs.Path} yet.");

    private XElement Table(string caption, Sequence<RunSummary> runs) =>
        Tag("div.scroll", With("role", "region"), With("aria-label", caption), With("tabindex", "0"), Tag("table",
            Tag("caption", caption),
            Tag("thead", Tag("tr", new[] { "run", "state", "steps", "loss", "distance", "written (UTC)", "recipe" }
                .Select(name => Tag("th", With("scope", "col"), name)))),
            Tag("tbody", runs.Select(run => Row(Entry(run))))));

    private static XElement Row(RunEntry run) => Tag("tr",
        Tag("th", With("scope", "row"), Layout.Link($"/runs/{Escaped(run.Name)}", run.Name)),
        Tag("td", State(run.State)),
        Tag("td.number", run.Of is { } all ? $"{run.Step}/{all}" : $"{run.Step}"),
        Tag("td.number", run.Loss is { } loss ? NumberText.Short(loss, "0.####") : ""),
        Tag("td", run.Distance is { } distance ? $"{run.Measure} {NumberText.Short(distance, "0.###")}" : ""),
        Tag("td", run.Written.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)),
        Tag("td", run.Recipe ?? ""));

    private static XElement State(string state) => Tag($"span.state {state.Replace(' ', '-')}", state);

    private RunEntry Entry(RunSummary run) => new(studio.Runs.NameOf(run), Command.ListRuns.Word(run.State), run.Steps)
    {
        Of = run.Recipe?.Length.Steps,
        Loss = Finite(run.Loss),
        Measure = run.Distance?.Name,
        Distance = Finite(run.Distance?.Value),
        Written = run.Written,
        Recipe = run.Recipe?.Name,
        Troubles = [.. run.Troubles],
    };

    private string View(Layout layout, string name)
    {
        var folder = studio.Runs.Find(name);
        return layout.Whole(name, this,
            Tag("p", Layout.Link("/runs", "All runs")),
            Tag("div", With("id", "run"), With("data-run", name), Contents(folder, name)));
    }

    private static object Contents(string folder, string name)
    {
        try
        {
            string Address(string file) => $"/api/runs/file?run={Escaped(name)}&file={Uri.EscapeDataString(Path.GetFileName(file))}";
            return new RunPage(RunContents.Read(folder), folder).Parts(new(folder) { Served = Address });
        }
        catch (InputException notYet)
        {
            return new[] { Tag("h1", name), Tag("p.lead", $"{Sentence.Of(notYet)}.") };
        }
    }

    private IResult File(string run, string file)
    {
        var folder = studio.Runs.Find(run);
        var path = Path.Combine(folder, file);
        var kind = InlineImages.Kind(file) ?? Kinds.GetValueOrDefault(Path.GetExtension(file));
        if (kind is null || Path.GetFileName(file) != file || file.StartsWith('.')
            || new FileInfo(path) is not { Exists: true, Length: <= LargestFile } found
            || found.Attributes.HasFlag(FileAttributes.ReparsePoint))
            throw RefusedException.NotFound("no such file of a run");
        return Results.Bytes(OrdinaryFile.ReadAll(path, LargestFile), kind);
    }

    private static string Escaped(string name) => string.Join('/', name.Split('/').Select(Uri.EscapeDataString));

    private static double? Finite(double? number) => number is { } value && double.IsFinite(value) ? value : null;
}

/// <summary>A run at a glance.</summary>
/// <param name="Name">Its path below the folder of runs.</param>
/// <param name="State">finished, running, stopped, diverged, weights only or damaged.</param>
/// <param name="Step">Updates made, as far as a checkpoint or an evaluation says.</param>
public sealed record RunEntry(string Name, string State, long Step)
{
    /// <summary>Updates in all.</summary>
    public long? Of { get; init; }

    /// <summary>The loss of the last evaluation.</summary>
    public double? Loss { get; init; }

    /// <summary>What was measured last.</summary>
    public string? Measure { get; init; }

    /// <summary>Its value.</summary>
    public double? Distance { get; init; }

    /// <summary>When something was last written, in UTC.</summary>
    public DateTime Written { get; init; }

    /// <summary>The recipe's name.</summary>
    public string? Recipe { get; init; }

    /// <summary>What is damaged, each in a line.</summary>
    public IReadOnlyList<string> Troubles { get; init; } = [];
}
