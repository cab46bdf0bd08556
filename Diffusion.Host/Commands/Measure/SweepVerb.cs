using Diffusion.Model.Evaluation;
using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Samplers;
using Diffusion.Host.Sweeps;
using Diffusion.Math.Samplers;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a sweep is asked for.</summary>
internal sealed class SweepVerb : Verb
{
    private readonly Cli.Argument<SweepKind> _kind = Words.Argument("guidance|samplers", "what is varied",
        new OneOf<SweepKind>((SweepKind.Guidance.Usual.Word, SweepKind.Guidance.Usual), (SweepKind.Samplers.Usual.Word, SweepKind.Samplers.Usual)));

    private readonly Cli.Argument<string> _run =
        Words.Argument("RUN", "a run folder, of which the latest checkpoint is taken, or a checkpoint", new FreeText("a folder"));

    private readonly Cli.Option<Sequence<double>> _strengths = Words.Option("--w", "W,W,...",
        "strengths of guidance; 0 is the conditional model, -1 the unconditional one (s = 1 + w); -1,0,0.5,1,2,3,5,8 without it",
        new Computed<Sequence<double>>("strengths such as -1,0,3", Strengths));

    private readonly Cli.Option<SamplerEntry[]> _samplers = Words.Repeated("--sampler", "NAME",
        $"a sampler; can be repeated; {string.Join(", ", SweepKind.Samplers.Usual.Entries.Select(entry => entry.Name))} without it",
        new OneOf<SamplerEntry>([.. SamplerCatalogue.Entries.Select(entry => (entry.Name, entry))]));

    private readonly Cli.Option<Sequence<int>> _steps = Words.Option("--steps", "N,N,...",
        "numbers of steps; 5,10,20,50,100,250,1000 without it", new Computed<Sequence<int>>("numbers of steps such as 5,10,20", WholeNumbers.Positive));

    private readonly Cli.Option<int?> _count = Words.Option("--count", "N",
        "samples of each variation, all classes in turn; 1000 without it", new WholeNumber<int>($"a whole number from {SweepOptions.Fewest}", SweepOptions.Fewest));

    private readonly Cli.Option<string> _out = Words.Option("--out", "DIR", "folder of the results (or -o); the run's own without it", new FreeText("a folder"));

    private readonly Cli.Option<string> _data = Words.Option("--data", "DIR",
        "folder that holds the images the model was trained on; without it the cache, a download, or the sample inside the program", new FreeText("a folder"));

    private readonly Cli.Option<bool> _noDownload = Words.Flag("--no-download", "ask nothing of the network");

    private readonly Cli.Option<ulong?> _seed = Words.Option("--seed", "N",
        "where the noise comes from; the run's seed without it", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<int?> _batch = Words.Option("--batch", "N",
        "samples computed at once, which does not change them", new WholeNumber<int>("a positive whole number", 1));

    private readonly MetricCatalogue _catalogue;
    private readonly Cli.Option<string[]> _metrics;
    private readonly MachineWords _machine = new();

    /// <summary>The command <c>sweep</c>.</summary>
    /// <param name="catalogue">The metrics that can be asked for; those of the library without it.</param>
    public SweepVerb(MetricCatalogue? catalogue = null)
        : base("sweep", "Samples a trained model in several ways, measures each, and draws the result.")
    {
        _catalogue = catalogue ?? MetricCatalogue.OfSamples;
        _metrics = Words.Repeated("--metric", "NAME",
            $"a metric; can be repeated (default: {string.Join(", ", MetricCatalogue.OfSweeps.Select(metric => metric.Name))})",
            new OneOf<string>([.. _catalogue.Metrics.Select(metric => (metric.Name, metric.Name))]));
        _out.Aliases.Add("-o");
        Arguments.Add(_kind);
        Arguments.Add(_run);
        Take([_strengths, _samplers, _steps, _metrics, _count, _out, _data, _noDownload, _seed, _batch, .. _machine.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("sweep guidance runs/try", "distance, recognised samples and diversity against w"),
        new("sweep samplers runs/try --count 512", "distance against network calls"),
        new("sweep samplers runs/try --sampler ddim --sampler unipc --steps 5,10,20", "two samplers, few steps"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "guidance.csv or samplers.csv has a row for each variation, with everything it depends on, as fid --csv writes it, and one for real images that were held out; "
        + "compare reads it. A sweep that was stopped goes on: rows that are there are not measured again. A figure of the same name is drawn as PNG and SVG.",
        "accuracy is the share of samples that a network of this program recognises as their label; diversity the variance of its features within a class, as a share "
        + "of that of real images; fd_..._classes the mean of the classes' distances. precision is the share of samples within reach of real images, recall the share of "
        + "real images within reach of samples (Kynkaanniemi et al. 2019), coverage that of real images which reach a sample (Naeem et al. 2020): how far an image "
        + "reaches is the distance to its 3rd neighbour (nearest_k), and there are as many real images as samples. All of them depend on the number of samples, n.",
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerWords.Samplers];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        var (kind, foreign) = typed.GetValue(_kind) is SweepKind.Guidance
            ? (SweepKind.Guidance.Usual.Word, new Cli.Option[] { _samplers, _steps })
            : (SweepKind.Samplers.Usual.Word, [_strengths]);
        return foreign.Where(option => typed.IsGiven(option)).Select(option => $"{option.Name}: does not belong to {kind}");
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Sweeping(typed.GetValue(_run)!, new(
        Kind(typed),
        new()
        {
            Data = typed.GetValue(_data),
            Downloads = typed.GetValue(_noDownload) ? DownloadPolicy.Forbidden : DownloadPolicy.Allowed,
            Device = _machine.Device(typed),
            Threads = _machine.Threads(typed),
        },
        new() { Seed = typed.GetValue(_seed), Batch = typed.GetValue(_batch) })
    {
        Count = typed.GetValue(_count) ?? SweepOptions.Usual,
        Metrics = typed.GetValue(_metrics) is { Length: > 0 } asked ? _catalogue.Of(asked) : MetricCatalogue.OfSweeps,
        Out = typed.GetValue(_out),
    });

    private SweepKind Kind(Cli.ParseResult typed) => typed.GetValue(_kind) switch
    {
        SweepKind.Guidance usual => usual with { Strengths = typed.GetValue(_strengths) ?? usual.Strengths },
        SweepKind.Samplers usual => usual with
        {
            Entries = typed.GetValue(_samplers) is { Length: > 0 } named ? named.ToSequence() : usual.Entries,
            Steps = typed.GetValue(_steps) ?? usual.Steps,
        },
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static Sequence<double> Strengths(string text) => text.Split(',').Select(part =>
        double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var strength) && double.IsFinite(strength)
            ? strength
            : throw new ArgumentException($"'{part}' is no strength.", nameof(text))).ToSequence();
}
