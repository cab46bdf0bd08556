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

        private static IEnumerable<(string Name, JsonValue Value)> Facts()
        {
            yield return ("diffusion", JsonValue.Create(typeof(Command).Assembly.GetName().Version!.ToString(3)));
            yield return ("dotnet", JsonValue.Create(Environment.Version.ToString()));
            yield return ("system", JsonValue.Create($"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.ProcessArchitecture}"));
            yield return ("torchsharp", JsonValue.Create(typeof(torch).Assembly.GetName().Version!.ToString(3)));
            yield return ("libtorch", JsonValue.Create(torch.__version__));
            yield return ("libtorch folder", JsonValue.Create(LibTorch.Folder ?? "the platform's search path"));
            yield return ("cores", JsonValue.Create(Environment.ProcessorCount));
            yield return ("threads", JsonValue.Create(torch.get_num_threads()));
            yield return ("cuda devices", JsonValue.Create(torch.cuda.is_available() ? torch.cuda.device_count() : 0));
        }
    }
}
