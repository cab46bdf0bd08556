using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Diagnostics;
using Diffusion.Model.Runtime;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Tries everything that the program does with libtorch, and prints what works.</summary>
    /// <param name="From">Number of the first probe, where this process is the child that tries them; null for the parent that
    /// asks.</param>
    public sealed record ProbeLibrary(int? From) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            LibTorch.Ensure();
            if (From is { } from)
            {
                ProbeProcess.Tell(from, session.Terminal.Output);
                return ExitCode.Success;
            }
            var missing = LibTorchBuild.MissingSymbols;
            session.Say($"libtorch {LibTorchBuild.Version ?? "of unknown version"} in {LibTorch.Folder}; TorchSharp was built for " +
                $"{LibTorch.BuiltFor} and lacks {missing.Count} functions in it");
            foreach (var name in missing)
                session.Detail($"missing: {SymbolName.Readable(name)}");
            var rows = new List<ProbeResult>();
            foreach (var row in ProbeProcess.Run(["info", "--probe-from"], session.Stopping))
            {
                session.Detail(Line(row));
                rows.Add(row);
            }
            session.Stopping.ThrowIfCancellationRequested();
            session.Answer(string.Join('\n', rows.Select(Line)), new JsonObject
            {
                ["libtorch"] = LibTorchBuild.Version,
                ["missing"] = new JsonArray([.. missing.Select(name => JsonValue.Create(name))]),
                ["probes"] = new JsonArray([.. rows.Select(row => new JsonObject
                {
                    ["name"] = row.Name,
                    ["device"] = row.Device,
                    ["outcome"] = row.Outcome.Text,
                })]),
            });
            return rows.All(row => row.Outcome is ProbeOutcome.Works) ? ExitCode.Success : ExitCode.Failure;
        }

        private static string Line(ProbeResult row) => $"{row.Device,-5} {row.Name,-42} {row.Outcome.Text}";
    }
}
