using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How the description of the machine, or of a file, is asked for.</summary>
internal sealed class InfoSyntax : CommandSyntax
{
    private readonly Cli.Argument<string> _place = Define.Argument("PATH",
        "what to describe: a run folder, checkpoint or diffusers folder; a safetensors, pth, npy or npz file; a PNG or CSV file or "
        + "recipe of this program",
        new FreeText("a file or folder"));

    private readonly Cli.Option<bool> _tensors = Define.Flag("--tensors", "list the tensors of a folder's weights, too");

    private readonly Cli.Option<bool> _probe = Define.Flag("--probe", "test every libtorch function the program uses, on every device");

    private readonly Cli.Option<bool> _compareDevices =
        Define.Flag("--compare-devices", "compute the same on the GPU and on the CPU, and print how far the results are apart");

    private readonly Cli.Option<int?> _probeFrom =
        Define.Option("--probe-from", "N", "used by --probe for its second process", new WholeNumber<int>("a whole number", 0));

    /// <summary>The command <c>info</c>.</summary>
    public InfoSyntax()
        : base("info", "Prints versions, libtorch, devices, threads and the cache; or describes a file or run.")
    {
        _place.Arity = Cli.ArgumentArity.ZeroOrOne;
        Arguments.Add(_place);
        _probeFrom.Hidden = true;
        Take(_tensors, _probe, _compareDevices, _probeFrom);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("info", "include this in bug reports"),
        new("info runs/try", "how far a run is, its last evaluation, its checkpoints, and how to continue"),
        new("info samples.png", "how an image was made: recipe, step, sampler, plan, NFE, guidance, seed"),
        new("info model.safetensors", "names, dtypes and shapes of its tensors"),
        new("info --probe", "check whether another libtorch version is compatible"),
        new("info --compare-devices", "check whether a GPU computes what the CPU does"),
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var test in new[] { _probe, _compareDevices }.Where(test => typed.IsGiven(test)))
            if (typed.GetValue(_place) is { } place)
                yield return $"{test.Name}: tests this machine; omit {place}";
        if (typed.IsGiven(_probe) && typed.IsGiven(_compareDevices))
            yield return $"{_compareDevices.Name}: cannot be combined with {_probe.Name}";
        if (typed.IsGiven(_tensors) && typed.GetValue(_place) is null)
            yield return $"{_tensors.Name}: needs {_place.Name}";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        typed.IsGiven(_probe) || typed.IsGiven(_probeFrom) ? new Command.ProbeLibrary(typed.GetValue(_probeFrom))
        : typed.GetValue(_compareDevices) ? new Command.CompareDevices()
        : typed.GetValue(_place) is { } word && CarriedModels.Resolve(word) is var place
            ? new Command.Describe(place) { Listing = typed.GetValue(_tensors) ? TensorListing.All : TensorListing.None }
        : new Command.Info();
}
