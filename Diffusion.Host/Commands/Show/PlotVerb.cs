using Diffusion.Host.Charts;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How curves are asked for.</summary>
internal sealed class PlotVerb : Verb
{
    private readonly Cli.Argument<string[]> _runs = Words.Several("RUN", "folders of runs, drawn over one another; a run may still be going on", new FreeText("a folder"));

    private readonly Cli.Option<PlotFile> _target = Words.Option("--output", "FILE", "where the figure goes, a .png or an .svg; curves.png without it",
        new Computed<PlotFile>("a file that ends in .png or .svg", PlotFile.At));

    /// <summary>The command <c>plot</c>.</summary>
    public PlotVerb()
        : base("plot", "Draws loss, learning rate, gradient norm and distances of runs over their epochs.")
    {
        _target.Aliases.Add("-o");
        Arguments.Add(_runs);
        Take(_target);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("plot runs/try -o try.png", "the curves of a run"),
        new("plot runs/linear runs/cosine -o both.svg", "two runs over one another"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
        ["Distances that were measured otherwise than most of their run, such as by more samples, are circles apart from the line."];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        new Command.Plot(typed.GetValue(_runs)!.ToSequence(), typed.GetValue(_target) ?? PlotFile.At("curves.png"));
}
