using Diffusion.Host.Charts;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How curves are asked for.</summary>
internal sealed class PlotSyntax : CommandSyntax
{
    private readonly Cli.Argument<string[]> _runs = Define.Several("RUN", "run folders to plot together; runs in progress too",
        new FreeText("a folder"));

    private readonly OutputOption _target = new OutputOption(
        "--out", ".png or .svg file to write (default: curves.png)", ".png", ".svg").Also("-o", "--output");

    /// <summary>The command <c>plot</c>.</summary>
    public PlotSyntax()
        : base("plot", "Plots loss, learning rate, gradient norm and FID of runs.")
    {
        Arguments.Add(_runs);
        Take(_target);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("plot runs/try -o try.png", "the curves of a run"),
        new("plot runs/linear runs/cosine -o both.svg", "two runs in one figure"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
        ["FIDs measured differently from the rest of a run, such as with more samples, are shown as separate circles."];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        new Command.Plot(
            typed.GetValue(_runs)!.Select(CarriedModels.Resolve).ToSequence(),
            PlotFile.At(typed.GetValue(_target) ?? "curves.png"));
}
