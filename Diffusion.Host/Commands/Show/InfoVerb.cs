using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How the description of the machine, or of a file, is asked for.</summary>
internal sealed class InfoVerb : Verb
{
    private readonly Cli.Argument<string> _place = Words.Argument("PATH",
        "describe this instead: a safetensors, pth, npy or npz file, a checkpoint, a run, or a folder of diffusers", new FreeText("a file or folder"));

    private readonly Cli.Option<bool> _probe = Words.Flag("--probe", "try everything the program does with libtorch, on every device, and print what works");

    private readonly Cli.Option<int?> _probeFrom =
        Words.Option("--probe-from", "N", "what --probe asks another process for", new WholeNumber<int>("a whole number", 0));

    /// <summary>The command <c>info</c>.</summary>
    public InfoVerb()
        : base("info", "Prints versions, the libtorch in use, devices, threads and what is cached; or what a file holds.")
    {
        _place.Arity = Cli.ArgumentArity.ZeroOrOne;
        Arguments.Add(_place);
        _probeFrom.Hidden = true;
        Take(_probe, _probeFrom);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("info", "what to add to a report of trouble"),
        new("info model.safetensors", "names, types and shapes of its tensors"),
        new("info --probe", "whether a libtorch of another version will do"),
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (typed.GetValue(_place) is { } place && typed.IsGiven(_probe))
            yield return $"{_probe.Name}: tries the machine; leave out {place}";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        typed.IsGiven(_probe) || typed.IsGiven(_probeFrom) ? new Command.ProbeLibrary(typed.GetValue(_probeFrom))
        : typed.GetValue(_place) is { } place ? new Command.Describe(place)
        : new Command.Info();
}
