using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a distance is asked for.</summary>
internal sealed class FidVerb : Verb
{
    private readonly Cli.Argument<ImagePlace> _reference = Place("REFERENCE", "real images, or a file of their statistics");

    private readonly Cli.Argument<ImagePlace> _samples = Place("SAMPLES", "images to judge, or a file of their statistics");

    private readonly Cli.Option<string> _csv = Words.Option("--csv", "FILE",
        "add the result to this file as a row, with everything it depends on", new FreeText("a file"));

    private readonly MeasuringWords _words = new();

    /// <summary>The command <c>fid</c>.</summary>
    public FidVerb()
        : base("fid", "Measures how far images are from real ones: FID, KID, Inception Score, precision and recall.")
    {
        Arguments.Add(_reference);
        Arguments.Add(_samples);
        Take([.. _words.OfBoth, .. _words.OfComparison, _csv, .. _words.OfSamples]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("fid cifar10:train images/", "CIFAR-10's training images and a folder of images"),
        new("fid cifar10 runs/try --sampler ddim --steps 50 --count 10000", "samples of a trained model, drawn and measured batch by batch"),
        new("fid reference.npz samples.npz --csv results.csv", "statistics, or arrays of images, of any FID tool"),
        new("fid cifar10_stats.npz images/ --assume pytorch-fid", "statistics that do not say what made them, from somebody who knows"),
        new("fid mnist:train mnist:test --features lenet", "what real digits that were held out score: the floor"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        $"A place is one of {Dataset.Names}; a folder of image files at any depth, or of a data set's files; a .zip of image files; "
        + "a run folder or a checkpoint, from which samples are drawn as the command sample draws them, and rounded as files would be; or an .npz of statistics (mu and sigma) or of images. PLACE:test means the part test of it, where it has parts; train is meant without.",
        "Inception takes images of any size, each resized on its own. Under a tool's protocol files are read as it reads them: transparency is dropped and a camera's orientation not followed. "
        + "Other networks see images as a person does.",
        "A number is called fid only when it comes from the genuine Inception weights; with any other network, or where that is only assumed, it is called fd_ and the network's name.",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed) => _words.Faults(typed);

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Fid(
        typed.GetValue(_reference)!, typed.GetValue(_samples)!, _words.Read(typed), typed.GetValue(_csv));

    /// <summary>How such a word is read.</summary>
    internal static TokenKind<ImagePlace> Places { get; } = new Computed<ImagePlace>("a place of images", text =>
        string.IsNullOrWhiteSpace(text) ? throw new ArgumentException("An empty word names no place.", nameof(text)) : ImagePlace.Parse(text));

    /// <summary>A word that names images.</summary>
    internal static Cli.Argument<ImagePlace> Place(string name, string description) =>
        Words.Argument(name, description, Places);
}
