using Diffusion.Host.CommandLine;
using Diffusion.Host.Editing;
using Diffusion.Host.Measuring;
using Diffusion.Model.Datasets;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options that choose real images to be shown or edited.</summary>
/// <param name="count">What the number of images means.</param>
internal sealed class ImageOptionGroup(string count)
{
    private readonly Cli.Option<int?> _count = Define.Option("--count", "N", count, new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<int?> _skip = Define.Option("--skip", "N",
        "skip the first N images (default: 0)", new WholeNumber<int>("a whole number", 0));

    private readonly DataOptionGroup _data = new();

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_count, _skip, .. _data.All];

    /// <summary>Where the images are.</summary>
    public static Cli.Argument<ImagePlace> Place() => FidSyntax.Place("IMAGES",
        "data set such as mnist:test, of which one image per class is taken in turn; or an image file, a folder, a .zip or an .npz");

    /// <summary>The options as a value.</summary>
    public OriginalRequest Read(Cli.ParseResult typed, ImagePlace place, int usual) => new(place, usual)
    {
        Count = typed.GetValue(_count),
        Skip = typed.GetValue(_skip) ?? 0,
        Data = _data.Folder(typed),
        Downloads = _data.Downloads(typed),
    };
}
