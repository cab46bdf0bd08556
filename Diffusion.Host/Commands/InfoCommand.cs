using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Prints what the program runs on and with.</summary>
    public sealed record Info : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var facts = Facts().ToList();
            var width = facts.Max(fact => fact.Name.Length);
            session.Answer(
                string.Join('\n', facts.Select(fact => $"{fact.Name.PadRight(width)}  {fact.Value}")),
                new JsonObject(facts.Select(fact => KeyValuePair.Create(fact.Name, (JsonNode?)fact.Value))));
            return ExitCode.Success;
        }

        private static IEnumerable<(string Name, string Value)> Facts()
        {
            yield return ("diffusion", typeof(Command).Assembly.GetName().Version!.ToString(3));
            yield return ("dotnet", Environment.Version.ToString());
            yield return ("system", $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.ProcessArchitecture}");
            yield return ("libtorch", $"{torch.__version__}, built for {LibTorch.BuiltFor}, from {LibTorch.Folder ?? "the platform's search path"}");
            yield return ("cores", $"{Environment.ProcessorCount}");
            yield return ("threads", $"{torch.get_num_threads()} per tensor operation");
            yield return ("devices", torch.cuda.is_available() ? $"cpu, {torch.cuda.device_count()} cuda" : "cpu");
        }
    }
}
