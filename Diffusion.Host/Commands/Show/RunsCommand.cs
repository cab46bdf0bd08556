using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Lists the runs below a folder.</summary>
    /// <param name="Folder">The folder.</param>
    public sealed record ListRuns(string Folder) : Command
    {
        /// <summary>Whether a folder that is not there has no runs, as where nobody has named it.</summary>
        public bool MayBeMissing { get; init; }

        /// <summary>How the table is written.</summary>
        public TableForm Form { get; init; }

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            if (!Directory.Exists(Folder) && !MayBeMissing)
                throw new InputException(Folder, File.Exists(Folder) ? "a file" : "no such file or folder", "a folder with runs");
            var runs = Directory.Exists(Folder) ? RunSummary.Below(Folder) : [];
            var json = new JsonObject { ["folder"] = Folder, ["runs"] = new JsonArray([.. runs.Select(Json)]) };
            var table = Table(runs);
            var troubles = string.Concat(runs.SelectMany(run => run.Troubles).Select(trouble => $"\n{PlainText.OneLine(trouble)}"));
            if (runs.Count == 0)
                session.Answer($"no runs below {Folder}", json);
            else if (Form == TableForm.Markdown)
                session.AnswerAsIs(table.Markdown() + troubles, json);
            else
                session.Answer(table.Text(session.Terminal.Window()) + troubles, json);
            return ExitCode.Success;
        }

        /// <summary>A state as a person reads it.</summary>
        internal static string Word(RunState state) => state switch
        {
            RunState.WeightsOnly => "weights only",
            _ => state.ToString().ToLowerInvariant(),
        };

        private static TextTable Table(Sequence<RunSummary> runs) => new(
            ["run", "state", "steps", "loss", "distance", "written", "recipe"],
            runs.Select(run => (Sequence<string>)
            [
                Name(run), Word(run.State),
                run.Recipe is { } recipe ? string.Create(CultureInfo.InvariantCulture, $"{run.Steps}/{recipe.Length.Steps}") : "",
                run.Loss is { } loss ? NumberText.Short(loss, "0.####") : "",
                run.Distance is { } distance ? $"{distance.Name} {NumberText.Short(distance.Value, "0.###")}" : "",
                run.Written.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                run.Recipe?.Name ?? "",
            ]).ToSequence())
        {
            Remedy = "a wider terminal, --markdown and --json show them",
        };

        // As other commands take it.
        private static string Name(RunSummary run) =>
            run.Path.StartsWith($".{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? run.Path[2..] : run.Path;

        private static JsonNode Json(RunSummary run) => new JsonObject
        {
            ["run"] = Name(run),
            ["recipe"] = run.Recipe?.Name,
            ["state"] = Word(run.State),
            ["steps"] = run.Steps,
            ["stepsInAll"] = run.Recipe?.Length.Steps,
            ["loss"] = run.Loss is { } loss ? NumberText.Json(loss) : null,
            ["distance"] = run.Distance is { } distance
                ? new JsonObject { ["name"] = distance.Name, ["value"] = NumberText.Json(distance.Value) } : null,
            ["written"] = run.Written.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["troubles"] = new JsonArray([.. run.Troubles.Select(trouble => (JsonNode?)trouble)]),
        };
    }
}
