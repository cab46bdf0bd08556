using Diffusion.Model.Evaluation;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How statistics of images are asked for.</summary>
internal sealed class StatsSyntax : CommandSyntax
{
    private readonly Cli.Argument<ImagePlace[]> _images = Define.Several("IMAGES",
        "data set, folder, .zip, .npz or run, as for fid; several are merged, statistics too", FidSyntax.Places);

    private readonly OutputOption _output = new OutputOption("--out", "file to write", ".npz").Also("-o");

    private readonly MeasuringOptionGroup _words = new(MetricCatalogue.Known);

    /// <summary>The command <c>stats</c>.</summary>
    public StatsSyntax()
        : base("stats", "Writes the feature statistics of images (mu, sigma) for fid and other tools.")
    {
        _output.Required = true;
        Arguments.Add(_images);
        Take([_output, .. _words.OfBoth, .. _words.OfSamples]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("stats cifar10:train --out cifar10-train.npz", "the usual reference for CIFAR-10"),
        new("stats half.npz other-half.npz --out all.npz", "merge the statistics of two machines"),
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed) => _words.Faults(typed);

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Stats(
        [.. typed.GetValue(_images)!], _words.Read(typed) with { Small = SmallSets.Allowed }, typed.GetValue(_output)!);
}
