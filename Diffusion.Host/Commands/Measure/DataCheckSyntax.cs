using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a set of images is checked.</summary>
internal sealed class DataCheckSyntax : CommandSyntax
{
    private readonly Cli.Argument<string> _what = Define.Argument("WHAT",
        "check: look at every image", new OneOf<string>(("check", "check")));

    private readonly Cli.Argument<string> _place = Define.Argument("PLACE",
        "folder of images, .zip or .tar archive of one, or the name of a data set", new FreeText("a folder, an archive or a data set"));

    private readonly Cli.Option<string> _against = Define.Option("--against", "PLACE2",
        "folder or archive of other images, such as those to test on: doubles of them are looked for too", new FreeText("a folder"));

    private readonly DataOptionGroup _data = new();

    /// <summary>The command <c>data</c>.</summary>
    public DataCheckSyntax()
        : base("data", "Checks images before training on them: broken, odd, double and nearly double ones, and those that are test images "
            + "too.")
    {
        Arguments.Add(_what);
        Arguments.Add(_place);
        Take([_against, .. _data.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("data check photos", "a folder, its classes and its parts train and test"),
        new("data check photos.zip --against held-out", "and which of the images held out are among them"),
        new("data check cifar10 --json", "a data set, with every name"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "Every image is decoded to its end. Double are images whose pixels are equal, whatever the format; nearly double those that look "
        + "the same after another encoding or scaling: their gradients differ in at most 4 of 64 places, and small versions correlate "
        + "above 0.99.",
        "The exit code is 1 where images are broken, labels cannot be read, equal images have different labels, or training and test "
        + "images are the same. Nothing is changed. --json lists every name.",
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.DataCheck(
        typed.GetValue(_place)!, typed.GetValue(_against),
        new() { Data = _data.Folder(typed), Downloads = _data.Downloads(typed) });
}
