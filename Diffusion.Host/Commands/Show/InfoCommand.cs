using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Diagnostics;
using Diffusion.Host.Downloads;
using Diffusion.Model.Runtime;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Prints what the program runs on and with.</summary>
    public sealed record Info : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            LibTorch.Ensure();
            Fact[] facts = [.. MachineFacts.All(), .. CacheFacts.Of(CacheFolder.Default)];
            foreach (var concern in LibTorchBuild.Concerns())
                session.Warn(concern);
            var width = facts.Max(fact => fact.Name.Length);
            session.Answer(
                string.Join('\n', facts.Select(fact => $"{fact.Name.PadRight(width)}  {fact.Text}")),
                new JsonObject(facts.Select(fact => KeyValuePair.Create(fact.Key, (JsonNode?)fact.Value))));
            return ExitCode.Success;
        }
    }
}
