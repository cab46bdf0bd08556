using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Host.Sweeps;
using Diffusion.Math.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a sweep is asked for.</summary>
internal sealed class SweepSyntax : CommandSyntax
{
    private readonly Cli.Argument<SweepKind> _kind = Define.Argument("guidance|samplers", "what to vary",
        new OneOf<SweepKind>(
            (SweepKind.Guidance.Usual.Word, SweepKind.Guidance.Usual), (SweepKind.Samplers.Usual.Word, SweepKind.Samplers.Usual)));

    private readonly Cli.Argument<string> _run =
        Define.Argument("RUN", RunWord.Help, new RunWord());

    private readonly GuidanceOptionGroup<Sequence<double>> _guidance =
        GuidanceOptionGroup.Several("-1,0,0.5,1,2,3,5,8; of samplers, one value: the run's");

    private readonly GuidanceShapeOptionGroup _shape = new();

    private readonly Cli.Option<SamplerEntry[]> _samplers = Define.Repeated("--sampler", "NAME",
        $"sampler; repeatable (default: {string.Join(", ", SweepKind.Samplers.Usual.Entries.Select(entry => entry.Name))}; "
        + "of guidance: the run's)",
        new OneOf<SamplerEntry>([.. SamplerCatalogue.Entries.Select(entry => (entry.Name, entry))]));

    private readonly Cli.Option<string[]> _plans = Define.Repeated("--plan", "FILE|NAME",
        "of samplers: a plan in a file, or one of the model's own by its name or number of network calls; repeatable",
        new FreeText("a file of a plan"));

    private readonly Cli.Option<Sequence<int>> _steps = Define.Option("--steps", "N,N,...",
        "numbers of steps (default: 5,10,20,50,100,250,1000; of guidance: the run's)",
        new Computed<Sequence<int>>("numbers of steps such as 5,10,20", NumberList.Positive));

    private readonly Cli.Option<int?> _count = Define.Option("--count", "N",
        "samples per point, all classes in turn (default: 1000)",
        new WholeNumber<int>($"a whole number from {SweepOptions.Fewest}", SweepOptions.Fewest));

    private readonly Cli.Option<string> _out = Define.Option("--out", "DIR",
        "output folder (default: the run folder)", new FreeText("a folder")).Also("-o");

    private readonly Cli.Option<int?> _zoom = SheetOptionGroup.Zoom();

    private readonly DataOptionGroup _data = new();

    private readonly Cli.Option<ulong?> _seed = Define.Option("--seed", "N",
        "random seed (default: the run's)", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<int?> _batch = Define.Option("--batch", "N",
        "sampling batch size; affects samples by rounding only", new WholeNumber<int>("a positive whole number", 1));

    private readonly MetricCatalogue _catalogue;
    private readonly Cli.Option<string[]> _metrics;
    private readonly MachineOptionGroup _machine = new();

    /// <summary>The command <c>sweep</c>.</summary>
    /// <param name="catalogue">The metrics that can be asked for (default: those of the library).</param>
    public SweepSyntax(MetricCatalogue? catalogue = null)
        : base("sweep", "Sweeps over classifier-free guidance, or over samplers and NFE, and plots FID, precision and recall.")
    {
        _catalogue = catalogue ?? MetricCatalogue.OfSamples;
        _metrics = Define.Repeated("--metric", "NAME",
            $"metric; repeatable (default: {string.Join(", ", MetricCatalogue.OfSweeps.Select(metric => metric.Name))})",
            new OneOf<string>([.. _catalogue.Metrics.Select(metric => (metric.Name, metric.Name))]));
        Arguments.Add(_kind);
        Arguments.Add(_run);
        Take([
            .. _guidance.All, .. _shape.All, _samplers, _plans, _steps, _metrics, _count, _out, _zoom, .. _data.All, _seed, _batch,
            .. _machine.All,
        ]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("sweep guidance runs/try", "Fréchet distance, accuracy and diversity against w"),
        new("sweep guidance runs/try --steps 16,64,256", "the same with several numbers of steps"),
        new("sweep guidance runs/try --guidance-interval 0.3,5 --out interval", "the same, guided at medium noise only"),
        new("sweep samplers runs/try --count 512", "Fréchet distance against NFE"),
        new("sweep samplers runs/try --sampler ddim --sampler unipc --steps 5,10,20 --guidance 0", "two samplers, few steps, no guidance"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "Writes guidance.csv or samplers.csv: a row per point with its full protocol, in the format of fid --csv, and a row for held-out "
        + "real images. "
        + "compare reads these files. An interrupted sweep continues: existing rows are kept. A figure of the same name is written as "
        + "PNG and SVG.",
        "accuracy: share of samples that the built-in classifier assigns to their label. diversity: variance of its features within a "
        + "class, relative to real images. "
        + "fd_..._classes: mean of the per-class Fréchet distances. precision and recall: Kynkaanniemi et al. 2019; coverage: Naeem et "
        + "al. 2020; the radius of an image is "
        + "the distance to its 3rd nearest neighbour (nearest_k), with as many real images as samples. All of them depend on the number "
        + "of samples n.",
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerOptionGroup.Samplers];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var fault in _guidance.Faults(typed))
            yield return fault;
        if (typed.GetValue(_kind) is SweepKind.Guidance && typed.IsGiven(_plans))
            yield return $"{_plans.Name}: not an option of sweep {SweepKind.Guidance.Usual.Word}";
        if (typed.GetValue(_kind) is SweepKind.Samplers && _guidance.W(typed) is { Count: > 1 } several)
            yield return $"{typed.NameOf(_guidance.All.First(option => typed.IsGiven(option)))}: {several.Count} values, but sweep "
                + $"{SweepKind.Samplers.Usual.Word} guides all samples alike";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Sweeping(typed.GetValue(_run)!, new(
        Kind(typed),
        new()
        {
            Data = _data.Folder(typed),
            Downloads = _data.Downloads(typed),
            Device = _machine.Device(typed),
            Threads = _machine.Threads(typed),
        },
        _shape.Of(typed, new()
        {
            Seed = typed.GetValue(_seed),
            Batch = typed.GetValue(_batch),
            GuidanceW = typed.GetValue(_kind) is SweepKind.Samplers && _guidance.W(typed) is [var w] ? w : null,
        }))
    {
        Count = typed.GetValue(_count) ?? SweepOptions.Usual,
        Metrics = typed.GetValue(_metrics) is { Length: > 0 } asked ? _catalogue.Of(asked) : MetricCatalogue.OfSweeps,
        Out = typed.GetValue(_out),
        Scale = typed.GetValue(_zoom),
    });

    private SweepKind Kind(Cli.ParseResult typed) => typed.GetValue(_kind) switch
    {
        SweepKind.Guidance usual => usual with
        {
            Strengths = _guidance.W(typed) ?? usual.Strengths,
            Entries = [.. typed.GetValue(_samplers) ?? []],
            Steps = typed.GetValue(_steps) ?? [],
        },
        SweepKind.Samplers usual => usual with
        {
            Entries = typed.GetValue(_samplers) is { Length: > 0 } named ? named.ToSequence()
                : typed.IsGiven(_plans) ? [] : usual.Entries,
            Plans = [.. typed.GetValue(_plans) ?? []],
            Steps = typed.GetValue(_steps) ?? usual.Steps,
        },
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
