using System.Text;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Html;
using Diffusion.Host.Models;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Writes a page about a run, or about several side by side.</summary>
    /// <param name="Runs">The runs' folders; at least one.</param>
    /// <param name="Out">The file, or null for report.html: in the folder of a single run, else here.</param>
    public sealed record WriteReport(Sequence<string> Runs, string? Out) : Command
    {
        private const string FileName = "report.html";

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var target = Out ?? (Runs.Count == 1 ? Path.Combine(CarriedModels.ResultsOf(Runs[0]), FileName) : FileName);
            var place = Path.GetDirectoryName(Path.GetFullPath(target))!;
            var runs = Runs.Select(RunContents.Read).ToSequence();
            var page = runs.Count == 1 ? new RunPage(runs[0], place).Text : new ComparisonPage(runs, place).Text;
            var bytes = Encoding.UTF8.GetBytes(page);
            RunFolder.Write(target, stream => stream.Write(bytes));
            session.Answer(target,
                new() { ["file"] = target, ["bytes"] = bytes.Length, ["runs"] = new JsonArray([.. Runs.Select(run => (JsonNode?)run)]) });
            return ExitCode.Success;
        }
    }
}
