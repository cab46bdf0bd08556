using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a page about runs is asked for.</summary>
internal sealed class ReportVerb : Verb
{
    private readonly Cli.Argument<string[]> _runs = Words.Several("RUN", "folders of runs; several are compared side by side; a run may still be going on", new FreeText("a folder"));

    private readonly Cli.Option<string> _target = Words.Option("--output", "FILE",
        "where the page goes; without it report.html, in the folder of a single run, else here", new FreeText("a file"));

    /// <summary>The command <c>report</c>.</summary>
    public ReportVerb()
        : base("report", "Writes a page about runs: recipe, curves, samples, tables, and how to repeat them.")
    {
        _target.Aliases.Add("-o");
        Arguments.Add(_runs);
        Take(_target);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("report runs/try", "runs/try/report.html"),
        new("report runs/linear runs/cosine -o both.html", "two runs side by side: what differs, and what came of it"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "The page has its images inside, and any browser reads it without a network and without scripts. It shows whatever lies in the run "
        + "folder: NAME.csv as a table, NAME.svg or NAME.png above it as the image of it, and images without a table by themselves.",
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.WriteReport(typed.GetValue(_runs)!.ToSequence(), typed.GetValue(_target));
}
