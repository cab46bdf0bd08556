using Diffusion.Host.CommandLine;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How samples are asked for.</summary>
internal sealed class SampleVerb : Verb
{
    private readonly Cli.Argument<string> _run =
        Words.Argument("RUN", "a run folder, of which the latest checkpoint is taken, or a checkpoint", new FreeText("a folder"));

    private readonly Cli.Option<string> _out = Words.Option("--out", "FILE",
        "PNG file to write (or -o); samples.png without it", new FreeText("a file"));

    private readonly Cli.Option<int?> _count = Words.Option("--count", "N",
        "how many samples; 64 without it, 4 with --strip", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<bool> _strip = Words.Flag("--strip",
        "show how samples come into being: for each a row of states x_t and a row of estimates x_0");

    private readonly Cli.Option<double?> _guidance = Words.Option("--guidance", "W",
        "w of classifier-free guidance; 0 is the conditional model (s = 1 + w = 1)", new RealNumber(-100, 100));

    private readonly Cli.Option<ulong?> _label = Words.Option("--label", "L",
        "class of all samples; without it all classes in turn", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<ulong?> _seed = Words.Option("--seed", "N",
        "where the noise comes from; the run's seed without it", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<int?> _side = Words.Option("--side", "N",
        "height and width; those of the training pictures without it", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<int?> _batch = Words.Option("--batch", "N",
        "samples computed at once, which does not change them", new WholeNumber<int>("a positive whole number", 1));

    private readonly SteeringWords _steering = new();

    private readonly MachineWords _machine = new();

    private readonly SamplerWords _sampler = new();

    /// <summary>The command <c>sample</c>.</summary>
    public SampleVerb()
        : base("sample", "Draws samples from a trained model.")
    {
        _out.Aliases.Add("-o");
        Arguments.Add(_run);
        Take([_out, _count, _strip, _guidance, .. _steering.All, _label, _seed, _side, _batch, .. _machine.All, .. _sampler.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("sample runs/try -o grid.png", "64 samples, drawn as after each epoch of training"),
        new("sample runs/try --sampler dpm++2m --steps 20 --count 100", "a hundred, faster"),
        new("sample runs/try --guidance 3 --label 7", "of one class, emphasised"),
        new("sample runs/try --classifier runs/judge --scale 3", "digits 0 to 9 in turn, from a model without labels"),
        new("sample runs/try --strip -o strip.png", "from noise to picture"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "Without any option of the sampler, samples are drawn as the run's recipe says. Sample number k depends on the seed and k alone. "
        + "The file carries recipe, step, sampler, plan, seed and guidance as texts.",
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerWords.Samplers];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed) => _sampler.Faults(typed).Concat(_steering.Faults(typed));

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Sample(
        typed.GetValue(_run)!,
        typed.GetValue(_out) ?? "samples.png",
        new(new()
        {
            Plan = _sampler.All.Any(option => typed.IsGiven(option)) ? schedule => _sampler.Plan(typed, schedule) : null,
            Guidance = typed.GetValue(_guidance),
            Label = typed.GetValue(_label),
            Seed = typed.GetValue(_seed),
            Side = typed.GetValue(_side),
            Batch = typed.GetValue(_batch),
        })
        {
            Count = typed.GetValue(_count),
            Steering = _steering.Read(typed),
            Content = typed.GetValue(_strip) ? SheetContent.Progress : SheetContent.Samples,
            Device = _machine.Device(typed),
            Threads = _machine.Threads(typed),
        });
}
