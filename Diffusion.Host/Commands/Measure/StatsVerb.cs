using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How statistics of images are asked for.</summary>
internal sealed class StatsVerb : Verb
{
    private readonly Cli.Argument<ImagePlace[]> _images = Words.Several("PICTURES",
        $"one of {Dataset.Names}; a folder, a .zip, an .npz or a run; several, statistics among them, are joined", FidVerb.Places);

    private readonly Cli.Option<string> _output = Words.Option("--out", "FILE.npz", "the file to write", new FreeText("a file"));

    private readonly MeasuringWords _words = new();

    /// <summary>The command <c>stats</c>.</summary>
    public StatsVerb()
        : base("stats", "Stores the statistics of images (mu and sigma), for fid and for other tools.")
    {
        _output.Required = true;
        _output.Aliases.Add("-o");
        Arguments.Add(_images);
        Take([_output, .. _words.OfBoth, .. _words.OfSamples]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("stats cifar10:train --out cifar10-train.npz", "the usual reference of CIFAR-10"),
        new("stats half.npz other-half.npz --out all.npz", "the statistics of all images, from those of two machines"),
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed) => _words.Faults(typed);

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Stats(
        [.. typed.GetValue(_images)!], _words.Read(typed) with { Small = SmallSets.Allowed }, typed.GetValue(_output)!);
}
