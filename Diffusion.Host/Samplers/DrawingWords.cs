using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Cli = System.CommandLine;

namespace Diffusion.Host.Samplers;

/// <summary>The options of every command that draws samples from a trained model, and the model itself.</summary>
internal sealed class DrawingWords
{
    private readonly Cli.Argument<string> _run =
        Words.Argument("RUN", "a run folder, of which the latest checkpoint is taken, or a checkpoint", new FreeText("a folder"));

    private readonly Cli.Option<double?> _guidance = Words.Option("--guidance", "W",
        "w of classifier-free guidance; 0 is the conditional model (s = 1 + w = 1)", new RealNumber(-100, 100));

    private readonly Cli.Option<ulong?> _label;

    private readonly Cli.Option<ulong?> _seed = Words.Option("--seed", "N",
        "where the noise comes from; the run's seed without it", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<int?> _side = Words.Option("--side", "N",
        "height and width; those of the training pictures without it", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<int?> _batch = Words.Option("--batch", "N",
        "samples computed at once, which does not change them", new WholeNumber<int>("a positive whole number", 1));

    private readonly MachineWords _machine = new();

    private readonly SamplerWords _sampler = new();

    /// <summary>The words.</summary>
    /// <param name="otherwise">Which labels samples have where none is given.</param>
    public DrawingWords(string otherwise) => _label = Words.Option("--label", "L",
        $"class of all samples; without it {otherwise}", new WholeNumber<ulong>("a whole number", 0));

    /// <summary>The model.</summary>
    public Cli.Argument<string> Run => _run;

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_guidance, _label, _seed, _side, _batch, .. _machine.All, .. _sampler.All];

    /// <summary>Those that say how samples are drawn, and not what they are computed on.</summary>
    public Cli.Option[] OfSamples => [_guidance, _label, _seed, _side, _batch, .. _sampler.All];

    /// <summary>Why the options cannot be used together; empty where they can.</summary>
    public IEnumerable<string> Faults(Cli.ParseResult typed) => _sampler.Faults(typed);

    /// <summary>The options as a value.</summary>
    public Drawing Read(Cli.ParseResult typed) => new(typed.GetValue(_run)!, Settings(typed))
    {
        Device = _machine.Device(typed),
        Threads = _machine.Threads(typed),
    };

    /// <summary>How samples are drawn, whatever the model.</summary>
    public SampleSettings Settings(Cli.ParseResult typed) => new()
    {
        Sampler = _sampler.All.Any(option => typed.IsGiven(option)) ? schedule => _sampler.Choice(typed, schedule) : null,
        Guidance = typed.GetValue(_guidance),
        Label = typed.GetValue(_label),
        Seed = typed.GetValue(_seed),
        Side = typed.GetValue(_side),
        Batch = typed.GetValue(_batch),
    };

    /// <summary>The options as they were typed, to be typed again.</summary>
    public IEnumerable<string> Retyped(Cli.ParseResult typed) =>
        from option in All
        where typed.IsGiven(option)
        from word in typed.GetResult(option)!.Tokens.Select(token => token.Value).Prepend(option.Name)
        select word;
}
