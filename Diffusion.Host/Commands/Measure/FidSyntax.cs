using Diffusion.Model.Evaluation;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How an FID is asked for.</summary>
internal sealed class FidSyntax : CommandSyntax
{
    private readonly Cli.Argument<ImagePlace> _reference = Place("REFERENCE", "reference images, or a file of their statistics");

    private readonly Cli.Argument<ImagePlace> _samples = Place("SAMPLES", "images to evaluate, or a file of their statistics");

    private readonly OutputOption _csv = new("--csv",
        "append the result with its full protocol to this CSV file", ".csv");

    private readonly MeasuringOptionGroup _words;

    /// <summary>The command <c>fid</c>.</summary>
    /// <param name="catalogue">The metrics that can be asked for (default: those of the library).</param>
    public FidSyntax(MetricCatalogue? catalogue = null)
        : base("fid", "Measures FID, KID, Inception Score, precision and recall of images or of a trained model.")
    {
        _words = new(catalogue ?? MetricCatalogue.Known);
        Arguments.Add(_reference);
        Arguments.Add(_samples);
        Take([.. _words.OfBoth, .. _words.OfComparison, _csv, .. _words.OfSamples]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("fid cifar10:train images/", "FID of a folder of images against the CIFAR-10 training set"),
        new("fid cifar10 runs/try --sampler ddim --steps 50 --count 10000", "FID of a trained model, sampled with DDIM"),
        new("fid reference.npz samples.npz --csv results.csv", "statistics or image arrays of any FID tool"),
        new("fid cifar10_stats.npz images/ --assume pytorch-fid", "statistics without provenance, declared to come from pytorch-fid"),
        new("fid mnist:train mnist:test --features lenet", "the score of real held-out images: the floor"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        $"Images are a data set ({Dataset.Names}); a folder of image files at any depth, or of a data set's original files; a .zip of "
        + $"image files; a .pack made by data pack; an .npz of images "
        + "or of statistics (mu and sigma); or a run folder or checkpoint, which is sampled as by the command sample, with pixels "
        + "rounded to bytes. "
        + "Append :train or :test to choose a split (default: train).",
        "Inception accepts images of any size and resizes each one. Under the protocol of another tool, files are read as that tool "
        + "reads them: alpha is dropped and EXIF "
        + "orientation ignored. The small networks honour both.",
        "Only a distance in features of the original Inception weights is called fid. With another network, or with assumed provenance, "
        + "it is called fd_NETWORK.",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed) => _words.Faults(typed);

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Fid(
        typed.GetValue(_reference)!, typed.GetValue(_samples)!, _words.Read(typed), typed.GetValue(_csv));

    /// <summary>How such a word is read.</summary>
    internal static TokenKind<ImagePlace> Places { get; } = new Computed<ImagePlace>("the name of a data set, a folder or a file", text =>
        string.IsNullOrWhiteSpace(text)
            ? throw new ArgumentException("An empty word names no place.", nameof(text))
            : ImagePlace.Parse(text),
        [.. Dataset.All.SelectMany(set => new[] { set.Name, $"{set.Name}:train", $"{set.Name}:test" })]);

    /// <summary>A word that names images.</summary>
    internal static Cli.Argument<ImagePlace> Place(string name, string description) =>
        Define.Argument(name, description, Places);
}
