using Diffusion.Host.CommandLine;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How samples are asked for.</summary>
internal sealed class SampleVerb : Verb
{
    private readonly Cli.Option<SampleOutput> _out = Words.Option("--out", "FILE|DIR/",
        "PNG file with all samples, .npz with an array of them, or folder for a PNG file each (or -o) (default: samples.png)",
        new Computed<SampleOutput>(SampleOutput.Expected, SampleOutput.Parse));

    private readonly Cli.Option<int?> _count = Words.Option("--count", "N",
        "how many samples (default: as many as the sheet of an evaluation shows; 4 with --strip, 20 with --animation)",
        new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<long?> _first = Words.Option("--first", "N",
        "number of the first sample, to fill a folder further (default: 0)", new WholeNumber<long>("a whole number", 0));

    private readonly Cli.Option<string> _request = Words.Option("--request", "FILE",
        "draw again what a PNG file or JSON of this command asks for; other options change it", new FreeText("a file"));

    private readonly Cli.Option<bool> _strip = Words.Flag("--strip",
        "show how samples come into being: for each a row of states x_t and a row of estimates x_0|t");

    private readonly Cli.Option<bool> _animation = Words.Flag("--animation",
        "show how samples come into being as an animated PNG, which any browser plays");

    private readonly DrawingWords _drawing = new("all classes in turn");

    private readonly SteeringWords _steering = new();

    /// <summary>The command <c>sample</c>.</summary>
    public SampleVerb()
        : base("sample", "Draws samples from a trained model.")
    {
        _out.Aliases.Add("-o");
        Arguments.Add(_drawing.Run);
        Take([_out, _count, _first, _request, _strip, _animation, .. _steering.All, .. _drawing.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("sample runs/try -o grid.png", "the sheet of the last evaluation, pixel for pixel"),
        new("sample runs/try --steps 100 -o grid.png", "the run's own sampler in 100 steps"),
        new("sample runs/try --sampler dpm++2m --steps 20 --count 100", "a hundred, faster"),
        new("sample runs/try --count 50000 -o samples/", "a folder for torch-fidelity or pytorch-fid; .npz for the evaluator of ADM"),
        new("sample runs/try --request grid.png -o again.png", "the same image again"),
        new("sample runs/try --guidance 3 --label 7", "of one class, emphasised"),
        new("sample runs/try --classifier runs/judge --scale 3", "digits 0 to 9 in turn, from a model without labels"),
        new("sample runs/try --strip -o strip.png", "from noise to image"),
        new("sample runs/try --animation -o forming.png", "the same, moving"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "What no option says is as the run's recipe says: --steps keeps the run's sampler, --sampler its number of steps, with settings "
        + "and spacing of its own. Sample number k depends on the seed and k alone. A PNG file carries recipe, step, sampler, plan, seed, "
        + "guidance and the request as texts.",
        "An .npz file holds arr_0, uint8 [N, H, W, C], and where samples have labels arr_1, int64 [N].",
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerWords.Samplers];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (typed.GetValue(_strip) && typed.GetValue(_animation))
            yield return $"{_animation.Name}: cannot be combined with {_strip.Name}";
        foreach (var option in new Cli.Option[] { _strip, _animation })
            if (typed.IsGiven(option) && typed.GetValue(_out) is { } other and not SampleOutput.Sheet)
                yield return $"{option.Name}: cannot be written to {other.Path}, only to a .png file";
        foreach (var fault in _drawing.Faults(typed).Concat(_steering.Faults(typed)))
            yield return fault;
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        var drawing = _drawing.Read(typed);
        var request = drawing.Request with
        {
            Count = typed.GetValue(_count),
            First = typed.GetValue(_first),
            Classifier = _steering.Read(typed),
        };
        return new Command.Sample(typed.GetValue(_out) ?? new SampleOutput.Sheet("samples.png"), new(drawing with { Request = request })
        {
            RequestFile = typed.GetValue(_request),
            Content = typed.GetValue(_strip) ? SheetContent.Progress : typed.GetValue(_animation) ? SheetContent.Animation : SheetContent.Samples,
        });
    }
}
