using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Downloads;
using Diffusion.Host.Measuring;
using Diffusion.Model.Datasets;
using Cli = System.CommandLine;

namespace Diffusion.Host.Editing;

/// <summary>The options that choose real images to be shown or edited.</summary>
/// <param name="count">What the number of images means.</param>
internal sealed class OriginalWords(string count)
{
    private readonly Cli.Option<int?> _count = Words.Option("--count", "N", count, new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<int?> _skip = Words.Option("--skip", "N",
        "begin after so many images", new WholeNumber<int>("a whole number", 0));

    private readonly Cli.Option<string> _data = Words.Option("--data", "DIR",
        "folder of the data set that is named; without it the cache, a download, or the sample inside the program", new FreeText("a folder"));

    private readonly Cli.Option<bool> _noDownload = Words.Flag("--no-download", "ask nothing of the network");

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_count, _skip, _data, _noDownload];

    /// <summary>Where the images are.</summary>
    public static Cli.Argument<ImagePlace> Place() => FidVerb.Place("PICTURES",
        $"one of {Dataset.Names} (mnist:test for images held out), of which one of each class is taken in turn; "
        + "an image file, a folder, a .zip or an .npz");

    /// <summary>The options as a value.</summary>
    public OriginalRequest Read(Cli.ParseResult typed, ImagePlace place, int usual) => new(place, usual)
    {
        Count = typed.GetValue(_count),
        Skip = typed.GetValue(_skip) ?? 0,
        Data = typed.GetValue(_data),
        Network = typed.GetValue(_noDownload) ? Network.Forbidden : Network.Allowed,
    };
}
