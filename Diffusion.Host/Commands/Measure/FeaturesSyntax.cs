using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;
using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a small feature network is asked for.</summary>
internal sealed class FeaturesSyntax : CommandSyntax
{
    private readonly Cli.Argument<SmallNetwork> _network = Define.Argument("SET",
        string.Join(" or ", SmallNetwork.All.Select(network => network.TrainedOn.Name)),
        new OneOf<SmallNetwork>([.. SmallNetwork.All.Select(network => (network.TrainedOn.Name, network))]));

    private readonly OutputOption _output = new OutputOption("--out", "file to write", ".safetensors").Also("-o");

    private readonly Cli.Option<int?> _epochs = Define.Option("--epochs", "N",
        $"passes over the data (default: {UsualEpochs})", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<ulong?> _seed = Define.Option("--seed", "N",
        "random seed (default: that of the built-in network)", new WholeNumber<ulong>("a whole number", 0));

    private readonly DataOptionGroup _data = new();

    private readonly MachineOptionGroup _machine = new();

    private static string UsualEpochs =>
        string.Join(" and ", SmallNetwork.All.Select(network => $"{network.Training.Epochs} for {network.TrainedOn.Name}"));

    /// <summary>The command <c>features</c>.</summary>
    public FeaturesSyntax()
        : base("features", "Trains the small feature network behind fd_lenet or fd_cifarnet again.")
    {
        _output.Required = true;
        Arguments.Add(_network);
        Take([_output, _epochs, _seed, .. _data.All, _machine.OfThreads]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples => [new("features mnist --out lenet.safetensors", "a few minutes; over 99 % test accuracy")];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        var network = typed.GetValue(_network)!;
        var training = network.Training with
        {
            Epochs = typed.GetValue(_epochs) ?? network.Training.Epochs,
            Seed = typed.GetValue(_seed) is { } seed ? new(seed) : network.Training.Seed,
        };
        return new Command.Features(network, training, typed.GetValue(_output)!, new MeasuringOptions
        {
            Data = _data.Folder(typed),
            Threads = _machine.Threads(typed),
            Downloads = _data.Downloads(typed),
        });
    }
}
