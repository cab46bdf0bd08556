using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How the description of the machine, or of a file, is asked for.</summary>
internal sealed class InfoVerb : Verb
{
    private readonly Cli.Argument<string> _place = Words.Argument("PATH",
        "describe this instead: a safetensors, pth, npy or npz file, a checkpoint, a run, or a folder of diffusers", new FreeText("a file or folder"));

    /// <summary>The command <c>info</c>.</summary>
    public InfoVerb()
        : base("info", "Prints versions, the libtorch in use, devices, threads and what is cached; or what a file holds.")
    {
        _place.Arity = Cli.ArgumentArity.ZeroOrOne;
        Arguments.Add(_place);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("info", "what to add to a report of trouble"),
        new("info model.safetensors", "names, types and shapes of its tensors"),
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        typed.GetValue(_place) is { } place ? new Command.Describe(place) : new Command.Info();
}
