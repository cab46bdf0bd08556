using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How an EMA of another length is asked for.</summary>
internal sealed class EmaSyntax : CommandSyntax
{
    private const double Narrowest = 0.01;
    private const double Widest = 0.28;

    private readonly Cli.Argument<string> _run =
        Define.Argument("RUN", "run folder with power-function EMA snapshots, as the quick recipes store them",
            new FreeText("a run folder"));

    private readonly Cli.Option<double?> _width = Define.Option("--width", "W",
        $"EMA length sigma_rel, relative to the training time; {Text(Narrowest)} to {Text(Widest)}",
        new RealNumber(Narrowest, Widest));

    private readonly Cli.Option<string> _out = Define.Option("--out", "DIR",
        "run folder to write, new or empty (default: RUN-width-W)", new FreeText("a folder")).Also("-o");

    /// <summary>The command <c>ema</c>.</summary>
    public EmaSyntax()
        : base("ema", "Post-hoc EMA: reconstructs an EMA of any length after training (Karras et al. 2024).")
    {
        Aliases.Add("average");
        Arguments.Add(_run);
        _width.Required = true;
        Take(_width, _out);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("ema runs/try --width 0.07", "writes the run runs/try-width-0.07, to sample and to evaluate"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "Requires a recipe whose ema list has the kind powerFunction; two of widths 0.05 and 0.1 work best.",
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        var (run, width) = (typed.GetValue(_run)!, typed.GetValue(_width)!.Value);
        return new Command.PostHocEma(run, width, typed.GetValue(_out) ?? $"{Path.TrimEndingDirectorySeparator(run)}-width-{Text(width)}");
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
