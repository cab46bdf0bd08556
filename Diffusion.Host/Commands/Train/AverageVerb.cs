using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How another average of the weights is asked for.</summary>
internal sealed class AverageVerb : Verb
{
    private const double Narrowest = 0.01;
    private const double Widest = 0.28;

    private readonly Cli.Argument<string> _run =
        Words.Argument("RUN", "a run that kept power-function averages, as the quick recipes do", new FreeText("a run folder"));

    private readonly Cli.Option<double?> _width = Words.Option("--width", "W",
        $"length of the average as a part of the training: the standard deviation of its weights over time; {Text(Narrowest)} to {Text(Widest)}",
        new RealNumber(Narrowest, Widest));

    private readonly Cli.Option<string> _out = Words.Option("--out", "DIR",
        "run folder to make, new or empty; without it RUN with the width at its end", new FreeText("a folder"));

    /// <summary>The command <c>average</c>.</summary>
    public AverageVerb()
        : base("average", "Makes a run with a longer or shorter average of the weights, chosen after training.")
    {
        Arguments.Add(_run);
        _width.Required = true;
        Take(_width, _out);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("average runs/try --width 0.07", "then sample or measure runs/try-width-0.07"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "A run keeps them where its recipe has averages of the kind powerFunction, best of the widths 0.05 and 0.1, beside whatever else it averages.",
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        var (run, width) = (typed.GetValue(_run)!, typed.GetValue(_width)!.Value);
        return new Command.Average(run, width, typed.GetValue(_out) ?? $"{Path.TrimEndingDirectorySeparator(run)}-width-{Text(width)}");
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
