using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
using Diffusion.Host.Measuring;
using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a small feature network is asked for.</summary>
internal sealed class FeaturesVerb : Verb
{
    private readonly Cli.Argument<SmallNetwork> _network = Words.Argument("SET",
        string.Join(" or ", SmallNetwork.All.Select(network => network.TrainedOn.Name)),
        new OneOf<SmallNetwork>([.. SmallNetwork.All.Select(network => (network.TrainedOn.Name, network))]));

    private readonly Cli.Option<string> _output = Words.Option("--out", "FILE.safetensors", "the file to write", new FreeText("a file"));

    private readonly Cli.Option<int?> _epochs = Words.Option("--epochs", "N",
        $"times that every image is seen; without it {UsualEpochs}",
        new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<ulong?> _seed = Words.Option("--seed", "N", "where every random number comes from", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<string> _data = Words.Option("--data", "DIR",
        "folder that holds the images; without it the cache, a download, or the sample inside the program", new FreeText("a folder"));

    private readonly Cli.Option<int?> _threads = Words.Option("--threads", "N",
        "threads of one tensor operation (default: OMP_NUM_THREADS, else the number of cores)", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<bool> _noDownload = Words.Flag("--no-download", "ask nothing of the network");

    private static string UsualEpochs =>
        string.Join(" and ", SmallNetwork.All.Select(network => $"{network.Training.Epochs} for {network.TrainedOn.Name}"));

    /// <summary>The command <c>features</c>.</summary>
    public FeaturesVerb()
        : base("features", "Trains the small network behind fd_lenet or fd_cifarnet, as the one inside the program was.")
    {
        _output.Required = true;
        Arguments.Add(_network);
        Take(_output, _epochs, _seed, _data, _threads, _noDownload);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples => [new("features mnist --out lenet.safetensors", "a few minutes; over 99 % of the test digits are read")];

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
            Data = typed.GetValue(_data),
            Threads = typed.GetValue(_threads),
            Network = typed.GetValue(_noDownload) ? Network.Forbidden : Network.Allowed,
        });
    }
}
