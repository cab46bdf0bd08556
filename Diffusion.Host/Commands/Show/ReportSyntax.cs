using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a page about runs is asked for.</summary>
internal sealed class ReportSyntax : CommandSyntax
{
    private readonly Cli.Argument<string[]> _runs = Define.Several("RUN",
        "run folders; several are compared side by side; runs in progress too",
        new FreeText("a folder"));

    private readonly OutputOption _target = new OutputOption("--out",
        "HTML file to write (default: report.html, in the folder of a single run, else in the current folder)",
        ".html", ".htm").Also("-o", "--output");

    /// <summary>The command <c>report</c>.</summary>
    public ReportSyntax()
        : base("report", "Writes an HTML report of runs: recipe, curves, samples, tables, and the commands that reproduce them.")
    {
        Arguments.Add(_runs);
        Take(_target);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("report runs/try", "writes runs/try/report.html"),
        new("report runs/linear runs/cosine -o both.html", "compare two runs: settings and results"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "The page is one file with embedded images and no scripts. It shows what is in the run folder: NAME.csv as a table, with "
        + "NAME.svg or NAME.png above it, and images "
        + "without a table.",
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        new Command.WriteReport(typed.GetValue(_runs)!.Select(CarriedModels.Resolve).ToSequence(), typed.GetValue(_target));
}
