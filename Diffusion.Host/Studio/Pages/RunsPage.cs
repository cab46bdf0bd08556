using System.Text.Json.Nodes;
using Diffusion.Host.Commands;
using Diffusion.Host.Html;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using static Diffusion.Host.Html.Html;

namespace Diffusion.Host.Studio.Pages;

/// <summary>Lists runs, begins, stops and resumes them, shows one while it trains, and compares some.</summary>
/// <param name="studio">What it works with.</param>
internal sealed class RunsPage(StudioContext studio)
    : StudioPage("runs", "Runs", "Training runs, live: begin one, watch it, compare them.")
{
    private const long LargestFile = 64 << 20;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);

    private static readonly Dictionary<string, string> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        [".csv"] = "text/csv", [".json"] = "application/json", [".txt"] = "text/plain; charset=utf-8",
    };

    /// <inheritdoc/>
    public override Sequence<StudioRoute> Routes =>
    [
        new("GET", "/runs", "Every run below the folder of runs, the latest first.", () => studio.Runs.All.Select(Entry).ToList()),
        new("GET", "/runs/events", "Where a run is, whenever that changes; events: run. Ends with the run.", Events),
        new("GET", "/runs/output", "The last lines of a run that the studio has begun.",
            (string run) => studio.Trainings.Of(run)?.Lines ?? []),
        new("GET", "/runs/file", "A file of a run: an image, a table, its recipe or its log.", File),
        new("POST", "/runs", "Begins a run, as a process of its own.", Begin),
        new("POST", "/runs/check", "Whether a run can begin: the recipe as it would be, and the command line; or what is wrong.", Check),
        new("POST", "/runs/stop", "Stops a run of the studio, as Ctrl-C does: its step ends and is saved.", Stop),
        new("POST", "/runs/resume", "Goes on with a run.", Resume),
        new("GET", "/recipes", "Recipes to begin with.", () => RecipeEntry.All),
        new("GET", "/recipes/schema", "What a recipe may hold, and what every setting means: a JSON Schema.",
            () => Results.Text(RecipeText.Schema(), "application/json")),
        new("GET", "/recipes/recipe", "A recipe at a size, quick or paper.", Recipe),
    ];

    /// <inheritdoc/>
    public override Sequence<StudioView> Views =>
        [new("~compare", RunViews.Compared(studio, this)), new("{**name}", RunViews.One(studio, this))];

    /// <inheritdoc/>
    public override object Body => RunViews.List(studio.Runs, studio.Runs.All.Select(Entry).ToSequence());

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

    private ServerSentEventsResult<string> Events(string run, CancellationToken gone)
    {
        var folder = studio.Trainings.Of(run) is null ? studio.Runs.Find(run) : Path.Combine(studio.Runs.Path, run);
        return EventStream.Of(async events =>
        {
            var before = "";
            while (true)
            {
                var moment = RunMoment.Read(folder, studio.Trainings.Of(run));
                if (!moment.ToString().Equals(before, StringComparison.Ordinal))
                    events.Tell("run", moment);
                before = moment.ToString();
                if (moment.IsOver)
                    return;
                await Task.Delay(Beat, events.Gone);
            }
        }, gone);
    }

    private Begun Begin(RunQuestion question)
    {
        var folder = studio.Runs.New(question.Name);
        question.Changed(studio.Machine);
        var words = question.Words(folder, studio.Options);
        studio.Trainings.Begin(question.Name, words);
        return new(question.Name, ResumeLine.Of(words));
    }

    private Checked Check(RunQuestion question)
    {
        try
        {
            var folder = studio.Runs.New(question.Name.Length > 0 ? question.Name : "new");
            var recipe = RecipeText.Write(question.Changed(studio.Machine));
            return new(ResumeLine.Of(question.Words(folder, studio.Options)), null, JsonNode.Parse(recipe));
        }
        catch (Exception refusal) when (refusal is RefusedException or IOException or RecipeException or ArgumentException)
        {
            return new(null, Faults.ReasonOf(refusal), null);
        }
    }

    private Begun Stop(RunName run)
    {
        studio.Trainings.Stop(run.Run);
        return new(run.Run, "");
    }

    private Begun Resume(RunName run)
    {
        var words = RunQuestion.Resuming(studio.Runs.Find(run.Run), run.Steps, studio.Options);
        studio.Trainings.Begin(run.Run, words);
        return new(run.Run, ResumeLine.Of(words));
    }

    private static IResult Recipe(string name, string? preset) =>
        BuiltInRecipes.Find(name) is { } recipe
            ? Results.Text(RecipeText.Write(recipe.At(preset == "paper" ? Preset.Paper : Preset.Quick)), "application/json")
            : throw RefusedException.NotFound("no such recipe");

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

    private static double? Finite(double? number) => number is { } value && double.IsFinite(value) ? value : null;

    /// <summary>A run that goes on.</summary>
    private sealed record Begun(string Run, string CommandLine);

    /// <summary>Whether a run can begin.</summary>
    private sealed record Checked(string? CommandLine, string? Error, JsonNode? Recipe);

    /// <summary>A run, and how long it is to be.</summary>
    private sealed record RunName(string Run, long? Steps = null);
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
