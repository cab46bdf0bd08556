using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>Reads MNIST's four files in their official layout, gzip or not.</summary>
public static class Mnist
{
    /// <summary>The ten digits.</summary>
    public static Sequence<string> ClassNames { get; } = Sequence.Generate(10, digit => $"{digit}");

    /// <summary>The official name, without <c>.gz</c>, of the file that holds a part's images.</summary>
    public static string ImagesFile(Split split) => $"{Prefix(split)}-images-idx3-ubyte";

    /// <summary>The official name, without <c>.gz</c>, of the file that holds a part's labels.</summary>
    public static string LabelsFile(Split split) => $"{Prefix(split)}-labels-idx1-ubyte";

    /// <summary>Whether a folder holds both files of a part.</summary>
    public static bool IsIn(string folder, Split split) =>
        Find(folder, ImagesFile(split)) is not null && Find(folder, LabelsFile(split)) is not null;

    /// <summary>Reads one part from a folder.</summary>
    /// <param name="folder">Holds the two files of the part under their official names, with or without <c>.gz</c>.</param>
    /// <param name="split">Which part.</param>
    /// <exception cref="InputException">A file is missing, damaged, or disagrees with the other.</exception>
    public static ImageSet Read(string folder, Split split)
    {
        var images = Idx.Read(Locate(folder, ImagesFile(split)), rank: 3);
        var labels = Idx.Read(Locate(folder, LabelsFile(split)), rank: 1);
        return Combine(images, labels, Describe(split, OriginOf(images.Dimensions[0], split, folder)));
    }

    /// <summary>Reads the two files of a part from seekable streams, which are closed.</summary>
    /// <param name="images">The content of an images file, gzip or not.</param>
    /// <param name="labels">The content of the labels file that belongs to it.</param>
    /// <param name="description">What the images are, with <see cref="ClassNames"/>.</param>
    /// <exception cref="InputException">A file is damaged, or disagrees with the other.</exception>
    public static ImageSet Read(Stream images, Stream labels, DataDescription description) =>
        Combine(
            Idx.Read($"{description.Origin}: images", images, rank: 3),
            Idx.Read($"{description.Origin}: labels", labels, rank: 1),
            description);

    /// <summary>The description of a part of MNIST that was read from <paramref name="origin"/>.</summary>
    public static DataDescription Describe(Split split, string origin) => new("MNIST", split, ClassNames, origin);

    private static ImageSet Combine(Idx images, Idx labels, DataDescription description)
    {
        var count = images.Dimensions[0];
        if (labels.Dimensions[0] != count)
            throw new InputException(
                labels.Path, $"{labels.Dimensions[0]} labels", $"{count}, one per image of {Path.GetFileName(images.Path)}");
        var wrong = labels.Bytes.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)9);
        if (wrong >= 0)
            throw new InputException(labels.Path, $"label {labels.Bytes[wrong]} at record {wrong}", "a digit 0 to 9");
        var shape = new ImageShape(1, images.Dimensions[1], images.Dimensions[2]);
        return ImageSet.Of(description, shape, images.Bytes, labels.Bytes);
    }

    private static string OriginOf(int count, Split split, string folder)
    {
        var official = split == Split.Train ? 60_000 : 10_000;
        return count == official ? $"the official files in {folder}" : $"{count} of the official {official}, in {folder}";
    }

    private static string Prefix(Split split) => split == Split.Train ? "train" : "t10k";

    private static string? Find(string folder, string name) =>
        new[] { name, name + ".gz" }.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static string Locate(string folder, string name) =>
        Find(folder, name)
        ?? throw new InputException(folder, Directory.Exists(folder) ? $"no {name}" : "no folder", $"{name} or {name}.gz");
}
