using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How the machine's description is asked for.</summary>
internal sealed class InfoVerb() : Verb("info", "Prints versions, the libtorch in use, devices, threads and what is cached.")
{
    /// <inheritdoc/>
    public override Sequence<Example> Examples => [new("info", "what to add to a report of trouble")];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Info();
}
