using Diffusion.Host.CommandLine;
using Diffusion.Host.Options;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a set of images is checked, or packed.</summary>
internal sealed class DataSyntax : CommandSyntax
{
    private readonly Cli.Argument<DataTask> _what = Define.Argument("WHAT",
        "check: look at every image; pack: write them to one file, decoded, cut and scaled",
        new OneOf<DataTask>(("check", DataTask.Check), ("pack", DataTask.Pack)));

    private readonly Cli.Argument<string> _place = Define.Argument("PLACE",
        "folder of images, .zip or .tar archive of one, .pack file, or the name of a data set",
        new FreeText("a folder, an archive, a pack or a data set"));

    private readonly Cli.Option<string> _against = Define.Option("--against", "PLACE2",
        "check: folder, archive or pack of other images, such as those to test on: doubles of them are looked for too",
        new FreeText("a folder"));

    private readonly OutputOption _out =
        new OutputOption("--out", "pack: file to write; one that is there is replaced", ImagePack.Extension).Also("-o");

    private readonly Cli.Option<ImageSize> _size = Define.Option("--size", "N|HxW",
        "pack: image size: the centre of each image in these proportions, scaled (default: as they are, if all have one size)",
        new SizeWord());

    private readonly Cli.Option<ImageChannels?> _channels = ChannelsOption.Of(
        "pack: the brightness, or red, green and blue, or these with alpha; check: with rgba, alpha counts, too (default: rgb)");

    private readonly Cli.Option<bool> _skipBad =
        Define.Flag("--skip-bad", "pack: skip image files that cannot be decoded, and report how many");

    private readonly DataOptionGroup _data = new();

    /// <summary>The command <c>data</c>.</summary>
    public DataSyntax()
        : base("data", "Checks images before training on them: broken, odd, double and nearly double ones, and those that are test images "
            + "too. Or packs them into one file, to train on more images than memory holds.")
    {
        Arguments.Add(_what);
        Arguments.Add(_place);
        Take([_against, _out, _size, _channels, _skipBad, .. _data.All]);
    }

    private enum DataTask
    {
        Check,
        Pack,
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("data check photos", "a folder, its classes and its parts train and test"),
        new("data check photos.zip --against held-out", "and which of the images held out are among them"),
        new("data check cifar10 --json", "a data set, with every name"),
        new("data pack photos --size 64 -o photos.pack", "a folder as 64×64 images in one file; then: train folder --data photos.pack"),
        new("data check photos.pack", "a pack: its checksums, too"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "Every image is decoded to its end. Double are images whose pixels are equal, whatever the format; nearly double those that look "
        + "the same after another encoding or scaling: their gradients differ in at most 4 of 64 places, and small versions correlate "
        + "above 0.99.",
        "The exit code of check is 1 where images are broken, labels cannot be read, equal images have different labels, or training and "
        + "test images are the same. Nothing is changed. --json lists every name.",
        "A pack holds the parts train and test where there are both, with their labels, and takes the place of the folder in every "
        + "command: its images give the same numbers, to the bit. They are read when they are needed, and each is compared with its "
        + "checksum. A file of that name is replaced only when the new one is whole; what is interrupted leaves nothing.",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        var isPack = typed.GetValue(_what) == DataTask.Pack;
        Cli.Option[] foreign = isPack ? [_against] : [_out, _size, _skipBad];
        foreach (var option in foreign.Where(option => typed.IsGiven(option)))
            yield return $"{typed.NameOf(option)}: not an option of data {(isPack ? "pack" : "check")}";
        if (!isPack && typed.GetValue(_channels) is ImageChannels.Grey)
            yield return $"{_channels.Name}: data check looks at colours; omit grey";
        if (isPack && !typed.IsGiven(_out))
            yield return $"{_out.Name}: data pack needs the file to write, such as -o images{ImagePack.Extension}";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        var (place, options) = (typed.GetValue(_place)!, new TrainOptions
        {
            Data = _data.Folder(typed), Downloads = _data.Downloads(typed), Size = typed.GetValue(_size),
            Channels = typed.GetValue(_channels), Bad = typed.GetValue(_skipBad) ? BadImages.Skipped : BadImages.Refused,
        });
        return typed.GetValue(_what) == DataTask.Pack
            ? new Command.DataPack(place, typed.GetValue(_out)!, options)
            : new Command.DataCheck(place, typed.GetValue(_against), options);
    }
}
