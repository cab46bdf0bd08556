using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
using Diffusion.Host.Measuring;
using Diffusion.Host.Samplers;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options of commands that measure images.</summary>
internal sealed class MeasuringWords(MetricCatalogue catalogue)
{
    private const string Inception = "inception";

    private readonly Cli.Option<string> _features = Words.Option("--features", "NETWORK",
        "inception, lenet (digits) or cifarnet (small photographs); without it inception where its weights can be had, else what fits",
        new OneOf<string>([(Inception, Inception), .. SmallNetwork.All.Select(network => (network.Name, network.Name))]));

    private readonly Cli.Option<string> _inception = Words.Option("--inception", "FILE",
        "weights of the Inception network, .pth or safetensors", new FreeText("a file"));

    private readonly Cli.Option<InceptionProtocol> _protocol = Words.Option("--protocol", "NAME",
        "how images are read and resized for Inception: pytorch-fid (without it) or torch-fidelity",
        new OneOf<InceptionProtocol>([.. InceptionProtocol.All.Select(protocol => (protocol.Name, protocol))]));

    private readonly Cli.Option<Assumption> _assume = Words.Option("--assume", "NAME",
        "what made statistics that do not say: pytorch-fid, torch-fidelity, or same (as the other side); stays with the number",
        new OneOf<Assumption>([.. Assumption.All.Select(assumption => (assumption.Name, assumption))]));

    private readonly Cli.Option<bool> _float64 = Words.Flag("--float64", "compute Inception's features in double precision");

    // The distance is always measured; every other metric of the catalogue has an option of its name.
    private readonly (Metric Metric, Cli.Option<bool> Option)[] _metrics =
        [.. catalogue.Metrics.Where(metric => metric is not FrechetMetric).Select(metric => (metric, FlagOf(metric)))];

    private readonly Cli.Option<bool> _allowSmall = Words.Flag("--allow-small", "compute a distance from fewer images than features all the same");

    private readonly Cli.Option<bool> _skipBad = Words.Flag("--skip-bad", "leave out image files that cannot be decoded, and count them");

    private readonly Cli.Option<string> _data = Words.Option("--data", "DIR",
        "folder of the data set that is named; without it the cache, a download, or the sample inside the program", new FreeText("a folder"));

    private readonly Cli.Option<DeviceChoice?> _device = Words.Option("--device", "auto|cpu|cuda",
        "where to compute; auto takes CUDA where there is one",
        new OneOf<DeviceChoice?>(("auto", DeviceChoice.Auto), ("cpu", DeviceChoice.Cpu), ("cuda", DeviceChoice.Cuda)));

    private readonly Cli.Option<int?> _threads = Words.Option("--threads", "N",
        "threads of one tensor operation (default: OMP_NUM_THREADS, else the number of cores)", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<bool> _noDownload = Words.Flag("--no-download", "ask nothing of the network");

    private readonly Cli.Option<int?> _count = Words.Option("--count", "N",
        "samples drawn from a run; without it as many as its last evaluation drew", new WholeNumber<int>("a positive whole number", 1));

    private readonly DrawingWords _drawing = new("all classes in turn");

    /// <summary>How samples of a run are drawn.</summary>
    public Cli.Option[] OfSamples => [_count, .. _drawing.OfSamples];

    /// <summary>Options of every command that measures images.</summary>
    public Cli.Option[] OfBoth => [_features, _inception, _protocol, _float64, _skipBad, _data, _device, _threads, _noDownload];

    /// <summary>Options of a comparison.</summary>
    public Cli.Option[] OfComparison => [_assume, .. _metrics.Select(one => one.Option), _allowSmall];

    /// <summary>Why the options cannot be used together; empty where they can.</summary>
    public IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var fault in _drawing.Faults(typed))
            yield return fault;
        var assumed = typed.GetResult(_assume) is null ? null : typed.GetValue(_assume) as Assumption.Protocol;
        if (assumed is not null && typed.GetValue(_protocol) is { } protocol && protocol != assumed.Prepared)
            yield return $"--assume: {assumed.Name} does not compare with --protocol {protocol.Name}";
        var choice = typed.GetValue(_features);
        if (assumed is not null && choice is not (null or Inception))
            yield return $"--assume: {assumed.Name} belongs to inception, not to {choice}";
        if (choice is null or Inception)
            yield break;
        foreach (var option in new Cli.Option[] { _inception, _protocol, _float64 }.Where(option => typed.IsGiven(option)))
            yield return $"{option.Name}: belongs to inception, not to {choice}";
    }

    /// <summary>The options as a value.</summary>
    public MeasuringOptions Read(Cli.ParseResult typed) => new()
    {
        Extractor = new()
        {
            Network = typed.GetValue(_features),
            Protocol = typed.GetValue(_protocol),
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
        Data = typed.GetValue(_data),
        Network = typed.GetValue(_noDownload) ? Network.Forbidden : Network.Allowed,
        Device = typed.GetValue(_device) ?? DeviceChoice.Auto,
        Threads = typed.GetValue(_threads),
    };

    private static Cli.Option<bool> FlagOf(Metric metric)
    {
        var flag = Words.Flag($"--{metric.Name}", $"also {metric.Summary}");
        // As it was called before metrics had names.
        if (metric is InceptionScoreMetric)
            flag.Aliases.Add("--score");
        return flag;
    }

    // A command may lack the option.
    private static bool Asked(Cli.ParseResult typed, Cli.Option<bool> option) => typed.GetResult(option) is not null && typed.GetValue(option);
}
