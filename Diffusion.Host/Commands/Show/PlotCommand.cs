using System.Text.Json.Nodes;
using Diffusion.Host.Charts;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Draws the curves of runs in one figure.</summary>
    /// <param name="Runs">The runs' folders; at least one.</param>
    /// <param name="Target">Where the figure goes.</param>
    public sealed record Plot(Sequence<string> Runs, PlotFile Target) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var sheet = new CurveSheet(Runs.Select(RunCurves.Read).ToSequence());
            Compare(sheet.Runs, session);
            Target.Save(sheet.Sheet);
            session.Answer(Target.Path, new() { ["file"] = Target.Path, ["title"] = sheet.Title,
                ["runs"] = new JsonArray([.. Runs.Select(run => (JsonNode?)run)]) });
            return ExitCode.Success;
        }

        private static void Compare(Sequence<RunCurves> runs, Session session)
        {
            foreach (var run in runs.Skip(1).Where(run => run.Usual != runs[0].Usual && run.Distances.Intersect(runs[0].Distances).Any()))
                session.Warn($"{run.Folder} measured its distances differently from {runs[0].Folder}; see the columns samples, " +
                    "sampler, nfe and provenance of report.csv");
        }
    }
}
