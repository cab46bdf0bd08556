using Diffusion.Host.CommandLine;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How samples are asked for.</summary>
internal sealed class SampleVerb : Verb
{
    private readonly Cli.Option<string> _out = Words.Option("--out", "FILE",
        "PNG file to write (or -o); samples.png without it", new FreeText("a file"));

    private readonly Cli.Option<int?> _count = Words.Option("--count", "N",
        "how many samples; 64 without it, 4 with --strip, 20 with --animation", new WholeNumber<int>("a positive whole number", 1));

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
        Take([_out, _count, _strip, _animation, .. _steering.All, .. _drawing.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("sample runs/try -o grid.png", "64 samples, drawn as after each epoch of training"),
        new("sample runs/try --sampler dpm++2m --steps 20 --count 100", "a hundred, faster"),
        new("sample runs/try --guidance 3 --label 7", "of one class, emphasised"),
        new("sample runs/try --classifier runs/judge --scale 3", "digits 0 to 9 in turn, from a model without labels"),
        new("sample runs/try --strip -o strip.png", "from noise to picture"),
        new("sample runs/try --animation -o forming.png", "the same, moving"),
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
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (typed.GetValue(_strip) && typed.GetValue(_animation))
            yield return $"{_animation.Name}: cannot be combined with {_strip.Name}";
        foreach (var fault in _drawing.Faults(typed).Concat(_steering.Faults(typed)))
            yield return fault;
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Sample(
        typed.GetValue(_out) ?? "samples.png",
        new(_drawing.Read(typed))
        {
            Count = typed.GetValue(_count),
            Steering = _steering.Read(typed),
            Content = typed.GetValue(_strip) ? SheetContent.Progress : typed.GetValue(_animation) ? SheetContent.Animation : SheetContent.Samples,
        });
}
