using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>The layout of MNIST: of each part a file of images and a file of labels in IDX format, gzip or not.</summary>
public sealed record IdxLayout : DatasetLayout
{
    /// <inheritdoc/>
    public override string Files =>
        string.Join(", ", Enum.GetValues<Split>().SelectMany(split => new[] { ImagesFile(split), LabelsFile(split) }))
        + ", with or without .gz";

    /// <summary>The official name, without <c>.gz</c>, of the file that holds a part's images.</summary>
    public static string ImagesFile(Split split) => $"{Prefix(split)}-images-idx3-ubyte";

    /// <summary>The official name, without <c>.gz</c>, of the file that holds a part's labels.</summary>
    public static string LabelsFile(Split split) => $"{Prefix(split)}-labels-idx1-ubyte";

    /// <inheritdoc/>
    public override string? TellingFile(Split split) => LabelsFile(split) + ".gz";

    /// <inheritdoc/>
    public override bool IsIn(string folder, Split split) =>
        Find(folder, ImagesFile(split)) is not null && Find(folder, LabelsFile(split)) is not null;

    /// <inheritdoc/>
    public override ImageSet Read(Dataset dataset, string place, Split split)
    {
        var images = Idx.Read(Locate(place, ImagesFile(split)), rank: 3);
        var labels = Idx.Read(Locate(place, LabelsFile(split)), rank: 1);
        return Combine(images, labels, dataset.Describe(split, images.Dimensions[0], place));
    }

    /// <summary>Reads the two files of a part from seekable streams, which are closed.</summary>
    /// <param name="images">The content of an images file, gzip or not.</param>
    /// <param name="labels">The content of the labels file that belongs to it.</param>
    /// <param name="description">What the images are, with a name for every class.</param>
    /// <exception cref="InputException">A file is damaged, or disagrees with the other.</exception>
    public static ImageSet Read(Stream images, Stream labels, DataDescription description) => Combine(
        Idx.Read($"{description.Origin}: images", images, rank: 3),
        Idx.Read($"{description.Origin}: labels", labels, rank: 1),
        description);

    private static ImageSet Combine(Idx images, Idx labels, DataDescription description)
    {
        var count = images.Dimensions[0];
        if (labels.Dimensions[0] != count)
            throw new InputException(
                labels.Path, Counted.Of(labels.Dimensions[0], "label"), $"{count}, one per image of {Path.GetFileName(images.Path)}");
        var last = description.ClassNames.Count - 1;
        var wrong = labels.Bytes.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)last);
        if (wrong >= 0)
            throw new InputException(labels.Path, $"label {labels.Bytes[wrong]} at record {wrong}", $"a label 0 to {last}");
        var shape = new ImageShape(1, images.Dimensions[1], images.Dimensions[2]);
        return ImageSet.Of(description, shape, images.Bytes, labels.Bytes);
    }

    private static string Prefix(Split split) => split == Split.Train ? "train" : "t10k";

    private static string? Find(string folder, string name) =>
        new[] { name, name + ".gz" }.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static string Locate(string folder, string name) =>
        Find(folder, name)
        ?? throw new InputException(folder, Directory.Exists(folder) ? $"no {name}" : "no folder", $"{name} or {name}.gz");
}
