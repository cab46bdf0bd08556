using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;
using Diffusion.Host.Samplers;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Images;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options of commands that measure images.</summary>
internal sealed class MeasuringOptionGroup(MetricCatalogue catalogue)
{
    private const string Inception = "inception";

    private readonly Cli.Option<string> _features = Define.Option("--features", "NETWORK",
        "inception, lenet (MNIST) or cifarnet (CIFAR-10) (default: inception if its weights are available, else the built-in network for "
        + "the image size)",
        new OneOf<string>([(Inception, Inception), .. SmallNetwork.All.Select(network => (network.Name, network.Name))]));

    private readonly Cli.Option<string> _inception = Define.Option("--inception", "FILE",
        "Inception weights, .pth or safetensors (default: the cache, else a download)", new FreeText("a file"));

    private readonly Cli.Option<InceptionProtocol> _protocol = Define.Option("--protocol", "NAME",
        "image reading and resizing for Inception: pytorch-fid or torch-fidelity (default: pytorch-fid)",
        new OneOf<InceptionProtocol>([.. InceptionProtocol.All.Select(protocol => (protocol.Name, protocol))]));

    private readonly Cli.Option<Assumption> _assume = Define.Option("--assume", "NAME",
        "provenance of statistics without any: pytorch-fid, torch-fidelity, or same (as the other side); recorded with the result",
        new OneOf<Assumption>([.. Assumption.All.Select(assumption => (assumption.Name, assumption))]));

    private readonly Cli.Option<ImageChannels?> _channels = Define.Option("--channels", "rgb|rgba",
        "rgba: composite transparent images on white first, which the result records (default: rgba if a run or file has alpha, else rgb, "
        + "which for Inception drops alpha)",
        new OneOf<ImageChannels?>(("rgb", ImageChannels.Colour), ("rgba", ImageChannels.ColourAndAlpha)));

    private readonly Cli.Option<bool> _float64 = Define.Flag("--float64", "compute Inception features in float64");

    // The distance is always measured; every other metric of the catalogue has an option of its name.
    private readonly (Metric Metric, Cli.Option<bool> Option)[] _metrics =
        [.. catalogue.Metrics.Where(metric => metric is not FrechetMetric).Select(metric => (metric, FlagOf(metric)))];

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
    public Cli.Option[] OfBoth => [_features, _inception, _protocol, _channels, _float64, _skipBad, .. _data.All, .. _machine.All];

    /// <summary>Options of a comparison.</summary>
    public Cli.Option[] OfComparison => [_assume, .. _metrics.Select(one => one.Option), _allowSmall];

    /// <summary>Why the options cannot be used together; empty where they can.</summary>
    public IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var fault in _drawing.Faults(typed))
            yield return fault;
        var assumed = typed.GetResult(_assume) is null ? null : typed.GetValue(_assume) as Assumption.Protocol;
        if (assumed is not null && typed.GetValue(_protocol) is { } protocol && protocol != assumed.Prepared)
            yield return $"--assume: {assumed.Name} is not comparable with --protocol {protocol.Name}";
        var choice = typed.GetValue(_features);
        if (assumed is not null && choice is not (null or Inception))
            yield return $"--assume: {assumed.Name} requires Inception, not {choice}";
        if (choice is null or Inception)
            yield break;
        foreach (var option in new Cli.Option[] { _inception, _protocol, _float64 }.Where(option => typed.IsGiven(option)))
            yield return $"{option.Name}: requires Inception, not {choice}";
    }

    /// <summary>The options as a value.</summary>
    public MeasuringOptions Read(Cli.ParseResult typed) => new()
    {
        Extractor = new()
        {
            Network = typed.GetValue(_features),
            Protocol = typed.GetValue(_protocol),
            Transparency = typed.GetValue(_channels) is ImageChannels.ColourAndAlpha ? Transparency.OverWhite : Transparency.AsPrepared,
            Arithmetic = typed.GetValue(_float64) ? FeatureArithmetic.Float64 : FeatureArithmetic.Float32,
        },
        Inception = typed.GetValue(_inception),
        Assumed = typed.GetResult(_assume) is null ? null : typed.GetValue(_assume),
        Metrics = [new FrechetMetric(), .. _metrics.Where(one => Asked(typed, one.Option)).Select(one => one.Metric)],
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

    private static Cli.Option<bool> FlagOf(Metric metric)
    {
        var flag = Define.Flag($"--{metric.Name}", $"also {metric.Summary}");
        // As it was called before metrics had names.
        if (metric is InceptionScoreMetric)
            return flag.Also("--score");
        return flag;
    }

    // A command may lack the option.
    private static bool Asked(Cli.ParseResult typed, Cli.Option<bool> option) =>
        typed.GetResult(option) is not null && typed.GetValue(option);
}
