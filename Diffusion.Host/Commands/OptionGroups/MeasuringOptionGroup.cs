using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;
using Diffusion.Math.Evaluation;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options of commands that measure images.</summary>
internal sealed class MeasuringOptionGroup
{
    private readonly Cli.Option<FeatureChoice?> _features = Define.Option("--features", "NETWORK",
        "inception, lenet (MNIST) or cifarnet (CIFAR-10) (default: inception if its weights are available, else the built-in network for "
        + "the image size)",
        new OneOf<FeatureChoice?>(
            ("inception", FeatureChoice.Inception), ("lenet", FeatureChoice.LeNet), ("cifarnet", FeatureChoice.CifarNet)));

    private readonly Cli.Option<string> _inception = Define.Option("--inception", "FILE",
        "Inception weights, .pth or safetensors (default: the cache, else a download)", new FreeText("a file"));

    private readonly Cli.Option<InceptionProtocol> _protocol = Define.Option("--protocol", "NAME",
        "image reading and resizing for Inception: pytorch-fid or torch-fidelity (default: pytorch-fid)",
        new OneOf<InceptionProtocol>([.. InceptionProtocol.All.Select(protocol => (protocol.Name, protocol))]));

    private readonly Cli.Option<Assumption> _assume = Define.Option("--assume", "NAME",
        "provenance of statistics without any: pytorch-fid, torch-fidelity, or same (as the other side); recorded with the result",
        new OneOf<Assumption>([.. Assumption.All.Select(assumption => (assumption.Name, assumption))]));

    private readonly Cli.Option<bool> _float64 = Define.Flag("--float64", "compute Inception features in float64");

    private readonly Cli.Option<bool> _kid = Define.Flag("--kid", "also KID, over 100 subsets of 1000 images, as in torch-fidelity");

    private readonly Cli.Option<bool> _score =
        Define.Flag("--inception-score", "also the Inception Score, over 10 splits, as in torch-fidelity").Also("--score");

    private readonly Cli.Option<bool> _cover =
        Define.Flag("--precision-recall", "also precision, recall, density and coverage, with 3 nearest neighbours");

    private readonly Cli.Option<bool> _allowSmall = Define.Flag("--allow-small", "allow fewer images than feature dimensions");

    private readonly Cli.Option<bool> _skipBad = Define.Flag("--skip-bad", "skip image files that cannot be decoded, and report how many");

    private readonly DataOptionGroup _data = new();

    private readonly MachineOptionGroup _machine = new();

    private readonly Cli.Option<int?> _count = Define.Option("--count", "N",
        "samples to draw from a run (default: as in its last evaluation)", new WholeNumber<int>("a positive whole number", 1));

    private readonly SamplingOptionGroup _drawing = new("all classes in turn");

    /// <summary>How samples of a run are drawn.</summary>
    public Cli.Option[] OfSamples => [_count, .. _drawing.OfSamples];

    /// <summary>Options of every command that measures images.</summary>
    public Cli.Option[] OfBoth => [_features, _inception, _protocol, _float64, _skipBad, .. _data.All, .. _machine.All];

    /// <summary>Options of a comparison.</summary>
    public Cli.Option[] OfComparison => [_assume, _kid, _score, _cover, _allowSmall];

    /// <summary>Why the options cannot be used together; empty where they can.</summary>
    public IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var fault in _drawing.Faults(typed))
            yield return fault;
        var assumed = typed.GetResult(_assume) is null ? null : typed.GetValue(_assume) as Assumption.Protocol;
        if (assumed is not null && typed.GetValue(_protocol) is { } protocol && protocol != assumed.Prepared)
            yield return $"--assume: {assumed.Name} is not comparable with --protocol {protocol.Name}";
        var choice = typed.GetValue(_features);
        if (assumed is not null && choice is not (null or FeatureChoice.Inception))
            yield return $"--assume: {assumed.Name} requires Inception, not {choice.ToString()!.ToLowerInvariant()}";
        if (choice is null or FeatureChoice.Inception)
            yield break;
        foreach (var option in new Cli.Option[] { _inception, _protocol, _float64 }.Where(option => typed.IsGiven(option)))
            yield return $"{option.Name}: requires Inception, not {choice.ToString()!.ToLowerInvariant()}";
    }

    /// <summary>The options as a value.</summary>
    public MeasuringOptions Read(Cli.ParseResult typed) => new()
    {
        Features = typed.GetValue(_features) ?? FeatureChoice.Auto,
        Inception = typed.GetValue(_inception),
        Protocol = typed.GetValue(_protocol),
        Assumed = typed.GetResult(_assume) is null ? null : typed.GetValue(_assume),
        Arithmetic = typed.GetValue(_float64) ? FeatureArithmetic.Float64 : FeatureArithmetic.Float32,
        Wanted = new()
        {
            Kernel = Asked(typed, _kid) ? new() : null,
            Score = Asked(typed, _score) ? new ScoreParts.Shuffled() : null,
            Neighbour = Asked(typed, _cover) ? PrecisionRecall.UsualNeighbour : null,
        },
        Small = Asked(typed, _allowSmall) ? SmallSets.Allowed : SmallSets.Refused,
        Bad = typed.GetValue(_skipBad) ? BadImages.Skipped : BadImages.Refused,
        Samples = _drawing.Request(typed),
        Count = typed.GetValue(_count),
        SampleOption = OfSamples.FirstOrDefault(option => typed.IsGiven(option))?.Name,
        Data = _data.Folder(typed),
        Downloads = _data.Downloads(typed),
        Device = _machine.Device(typed),
        Threads = _machine.Threads(typed),
    };

    // A command may lack the option.
    private static bool Asked(Cli.ParseResult typed, Cli.Option<bool> option) =>
        typed.GetResult(option) is not null && typed.GetValue(option);
}
