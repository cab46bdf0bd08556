using Diffusion.Host.CommandLine;
using Diffusion.Host.Options;
using Diffusion.Math.Values;
using Diffusion.Model.Sampling;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a sweep over classifier guidance is asked for.</summary>
internal sealed class ClassifierGuidedSyntax : CommandSyntax
{
    private const int Classes = 10;

    private readonly Cli.Option<string> _model = Define.Option("--model", "RUN",
        "unconditional model of MNIST (default: trained with the recipe mnist-ddpm)", new FreeText("a run folder"));

    private readonly Cli.Option<string> _classifier = Define.Option("--classifier", "RUN2",
        "noise-aware classifier of MNIST (default: trained with the recipe mnist-classifier)", new FreeText("a run folder"));

    private readonly Cli.Option<string> _free = Define.Option("--cfg-model", "RUN3",
        "class-conditional model of MNIST, such as the recipe mnist-cfg trains: sampled with classifier-free guidance of the same "
        + "scales, for comparison",
        new FreeText("a run folder")).Also("--free");

    private readonly Cli.Option<Sequence<double>> _scales = Define.Option("--classifier-scale", "S,S,...",
        "classifier scales s (default: 0,1,3,10)",
        new Computed<Sequence<double>>("scales such as 0,1,3,10", NumberList.Finite)).Also("--scales");

    private readonly Cli.Option<SteeringForm?> _form = Define.Option("--classifier-form", "mean|score",
        "form of classifier guidance (default: mean for stochastic samplers, else score)",
        new OneOf<SteeringForm?>(("mean", SteeringForm.Mean), ("score", SteeringForm.Score)));

    private readonly Cli.Option<int?> _count = Define.Option("--count", "N",
        "samples per scale, with labels 0 to 9 in turn (default: 1000)",
        new WholeNumber<int>($"a whole number from {2 * Classes}", 2 * Classes));

    private readonly Cli.Option<string[]> _beside = Define.Repeated("--beside", "FILE",
        "guidance.csv of another sweep, added to the figure; repeatable", new FreeText("a file"));

    private readonly Cli.Option<string> _out = Define.Option("--out", "DIR",
        "output folder (default: mnist-classifier-guided)", new FreeText("a folder")).Also("-o");

    private readonly Cli.Option<double?> _minutes = Define.Option("--minutes", "M",
        "time for everything: model and classifier are trained for as many steps as fit, and the rest is for the sweep",
        new RealNumber(0.001, 100_000));

    private readonly Cli.Option<int?> _samples = Define.Option("--samples", "N",
        "samples per evaluation while the model is trained (default: the recipe's)", new WholeNumber<int>("a whole number from 2", 2));

    private readonly Cli.Option<bool> _dryRun = Define.Flag("--dry-run", "describe the trainings instead: network, memory, time");

    private readonly DataOptionGroup _data = new();

    private readonly Cli.Option<ulong?> _seed = Define.Option("--seed", "N",
        "random seed (default: the model's)", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<int?> _batch = Define.Option("--batch", "N",
        "sampling batch size; affects samples by rounding only", new WholeNumber<int>("a positive whole number", 1));

    private readonly MachineOptionGroup _machine = new();

    private readonly SamplerOptionGroup _sampler = new(null);

    /// <summary>The command <c>mnist-classifier-guided</c>.</summary>
    public ClassifierGuidedSyntax()
        : base("mnist-classifier-guided", "Classifier guidance on MNIST: sweeps over the classifier scale and measures the samples.")
    {
        Take([
            _out, _model, _classifier, _free, _scales, _form, _count, _beside, _minutes, _samples, .. _data.All, _seed, _batch, _dryRun,
            .. _machine.All, .. _sampler.All,
        ]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("mnist-classifier-guided", "train model and classifier, then sample at scales 0, 1, 3 and 10"),
        new("mnist-classifier-guided --model runs/a --classifier runs/b", "with existing runs"),
        new("mnist-classifier-guided --model runs/a --classifier runs/b --sampler ddim --steps 50", "with DDIM, which uses the score form"),
        new("mnist-classifier-guided --model runs/a --classifier runs/b --cfg-model runs/c", "compare with classifier-free guidance"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "Writes guidance.csv (overall and per digit, in the format of sweep), guidance.png and guidance.svg. Points already measured are "
        + "kept. A sample grid per "
        + "kind of guidance has a row per digit and a block of columns per scale, all from the same noise. Accuracy is that of an "
        + "independent network.",
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerOptionGroup.Samplers];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var fault in _sampler.Faults(typed))
            yield return fault;
        foreach (var option in new Cli.Option[] { _minutes, _samples, _dryRun }.Where(option => typed.IsGiven(option)))
            if (typed.IsGiven(_model) && typed.IsGiven(_classifier))
                yield return $"{option.Name}: is about training; there is nothing to train beside {_model.Name} and {_classifier.Name}";
            else if (option == _samples && typed.IsGiven(_model))
                yield return $"{option.Name}: is about training the model; omit {_model.Name}";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.ClassifierGuided(new(
        typed.GetValue(_out) ?? "mnist-classifier-guided",
        new()
        {
            Data = _data.Folder(typed),
            Downloads = _data.Downloads(typed),
            Device = _machine.Device(typed),
            Threads = _machine.Threads(typed),
            Time = typed.GetValue(_minutes) is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
            Changes = [.. TrainOptionGroup.Sampled(typed.GetValue(_samples))],
            Mode = typed.GetValue(_dryRun) ? RunMode.Dry : RunMode.Part,
        },
        _sampler.Request(typed) with
        {
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
}
