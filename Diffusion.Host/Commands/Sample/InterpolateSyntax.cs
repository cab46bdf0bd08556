using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Values;
using Diffusion.Model.Sampling;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How images between samples are asked for.</summary>
internal sealed class InterpolateSyntax : CommandSyntax
{
    private static readonly Sequence<SamplePair> Usual = Sequence.Generate(5, row => new SamplePair(2 * row, 2 * row + 1));

    private const string UsualFile = "interpolation.png";

    private readonly Cli.Option<SamplePair[]> _between = Define.Repeated("--between", "A,B",
        "sample numbers at the ends of a row; repeatable (default: 0,1 and 2,3 up to 8,9)",
        new Computed<SamplePair>("two sample numbers such as 3,17", Pair));

    private readonly Cli.Option<int?> _points = Define.Option("--points", "N",
        "images per row, including both ends (default: 9)", new WholeNumber<int>("a whole number above 1", 2));

    private readonly SheetOptionGroup _sheet = new(UsualFile);

    private readonly SamplingOptionGroup _drawing = new("one class per row, in turn");

    /// <summary>The command <c>interpolate</c>.</summary>
    public InterpolateSyntax()
        : base("interpolate", "Interpolates between samples: slerp of their initial noise.")
    {
        Arguments.Add(_drawing.Run);
        Take([.. _sheet.All, _between, _points, .. _drawing.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("interpolate runs/try --sampler ddim --steps 50 -o between.png", "five rows, with deterministic sampling"),
        new("interpolate runs/try --between 3,17 --between 17,4 --points 12", "between chosen samples of a grid"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "Sample k is the one that the command sample draws with the same seed and options; these samples are the ends of a row. Initial "
        + "noises are interpolated "
        + "spherically (slerp), which keeps unit variance; the noise of stochastic samplers is interpolated the same way.",
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerOptionGroup.Samplers];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed) => _drawing.Faults(typed);

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Interpolate(
        _drawing.Read(typed),
        new(typed.GetValue(_between) is { Length: > 0 } given ? given.ToSequence() : Usual, Slerp.Points(typed.GetValue(_points) ?? 9)),
        _sheet.Out(typed) ?? UsualFile)
    {
        Scale = _sheet.Scale(typed),
    };

    private static SamplePair Pair(string text)
    {
        var numbers = text.Split(',')
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).ToList();
        return numbers is [>= 0 and var first, >= 0 and var second]
            ? new(first, second)
            : throw new ArgumentException($"'{text}' is no pair.", nameof(text));
    }
}
