using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How the experiment with classifier guidance is asked for.</summary>
internal sealed class ClassifierGuidedVerb : Verb
{
    private const int Classes = 10;

    private readonly Cli.Option<string> _model = Words.Option("--model", "RUN",
        "an unconditional model of digits; trained by the recipe mnist without it", new FreeText("a run folder"));

    private readonly Cli.Option<string> _classifier = Words.Option("--classifier", "RUN2",
        "a classifier of noisy digits; trained by the recipe mnist-classifier without it", new FreeText("a run folder"));

    private readonly Cli.Option<string> _free = Words.Option("--free", "RUN3",
        "a model of digits that knows labels, such as the recipe mnist-cfg trains: sampled with classifier-free guidance of the same scales beside it",
        new FreeText("a run folder"));

    private readonly Cli.Option<Sequence<double>> _scales = Words.Option("--scales", "S,S,...",
        "how strongly the classifier steers; 0,1,3,10 without it", new Computed<Sequence<double>>("scales such as 0,1,3,10", Scales));

    private readonly Cli.Option<SteeringForm?> _form = Words.Option("--classifier-form", "mean|score",
        "how it steers; without it mean for samplers whose steps end in noise, else score",
        new OneOf<SteeringForm?>(("mean", SteeringForm.Mean), ("score", SteeringForm.Score)));

    private readonly Cli.Option<int?> _count = Words.Option("--count", "N",
        "samples at each scale, all digits in turn; 1000 without it", new WholeNumber<int>($"a whole number from {2 * Classes}", 2 * Classes));

    private readonly Cli.Option<string[]> _beside = Words.Repeated("--beside", "FILE",
        "the table of another sweep over guidance, drawn into the figure too; can be given several times", new FreeText("a file"));

    private readonly Cli.Option<string> _out = Words.Option("--out", "DIR",
        "folder of the results (or -o); mnist-classifier-guided without it", new FreeText("a folder"));

    private readonly Cli.Option<string> _data = Words.Option("--data", "DIR",
        "folder that holds the digits; without it the cache, a download, or the sample inside the program", new FreeText("a folder"));

    private readonly Cli.Option<bool> _noDownload = Words.Flag("--no-download", "ask nothing of the network");

    private readonly Cli.Option<ulong?> _seed = Words.Option("--seed", "N",
        "where the noise comes from; the model's seed without it", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<int?> _batch = Words.Option("--batch", "N",
        "samples computed at once, which does not change them", new WholeNumber<int>("a positive whole number", 1));

    private readonly MachineWords _machine = new();

    private readonly SamplerWords _sampler = new();

    /// <summary>The command <c>mnist-classifier-guided</c>.</summary>
    public ClassifierGuidedVerb()
        : base("mnist-classifier-guided", "Steers a model of digits by a classifier, at several scales, and measures the samples.")
    {
        _out.Aliases.Add("-o");
        Take([_out, _model, _classifier, _free, _scales, _form, _count, _beside, _data, _noDownload, _seed, _batch, .. _machine.All, .. _sampler.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("mnist-classifier-guided", "trains model and classifier, then samples at scales 0, 1, 3 and 10"),
        new("mnist-classifier-guided --model runs/a --classifier runs/b", "with runs that are there"),
        new("mnist-classifier-guided --model runs/a --classifier runs/b --sampler ddim --steps 50", "in the score form"),
        new("mnist-classifier-guided --model runs/a --classifier runs/b --free runs/c", "beside classifier-free guidance"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "guidance.csv holds the numbers, over all and for each digit, as sweep writes them, guidance.png and .svg the curves; what was measured is not measured again. "
        + "A sheet for each kind of guidance has a row for each digit and a block of columns for each scale, of the same noise. Whether a sample is the digit that was "
        + "asked for is judged by a network that has nothing to do with the classifier.",
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerWords.Samplers];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed) => _sampler.Faults(typed);

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.ClassifierGuided(new(
        typed.GetValue(_out) ?? "mnist-classifier-guided",
        new()
        {
            Data = typed.GetValue(_data),
            Downloads = typed.GetValue(_noDownload) ? DownloadPolicy.Forbidden : DownloadPolicy.Allowed,
            Device = _machine.Device(typed),
            Threads = _machine.Threads(typed),
        },
        new()
        {
            Sampler = _sampler.All.Any(option => typed.IsGiven(option)) ? schedule => _sampler.Choice(typed, schedule) : null,
            Seed = typed.GetValue(_seed),
            Batch = typed.GetValue(_batch),
        })
    {
        Model = typed.GetValue(_model),
        Classifier = typed.GetValue(_classifier),
        Free = typed.GetValue(_free),
        Scales = typed.GetValue(_scales) ?? [0, 1, 3, 10],
        Form = typed.GetValue(_form),
        Count = typed.GetValue(_count) ?? 1000,
        Beside = (typed.GetValue(_beside) ?? []).ToSequence(),
    });

    private static Sequence<double> Scales(string text) => text.Split(',').Select(part =>
        double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var scale) && double.IsFinite(scale)
            ? scale
            : throw new ArgumentException($"'{part}' is no scale.", nameof(text))).ToSequence();
}
