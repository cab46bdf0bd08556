using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>A data set with its official files. <see cref="All"/> is the catalogue.</summary>
/// <remarks>A new one takes a file of its own, such as <c>Dataset.FashionMnist.cs</c>, and its name in <see cref="All"/>.</remarks>
public sealed partial record Dataset
{
    /// <summary>Every data set that the library knows by name.</summary>
    public static Sequence<Dataset> All => [Mnist, FashionMnist, Cifar10, Cifar100, Cifar100Coarse, Svhn];

    /// <summary>The names of <see cref="All"/> for a message, such as <c>mnist, cifar10</c>.</summary>
    public static string Names => string.Join(", ", All.Select(dataset => dataset.Name));

    /// <summary>What recipes and the command line call it, such as <c>cifar10</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its name in print, such as <c>CIFAR-10</c>.</summary>
    public required string Title { get; init; }

    /// <summary>The shape of one image.</summary>
    public required ImageShape Shape { get; init; }

    /// <summary>The names of the classes, in the order of labels.</summary>
    public required Sequence<string> ClassNames { get; init; }

    /// <summary>How many training images the official files hold.</summary>
    public required int TrainCount { get; init; }

    /// <summary>How many test images the official files hold.</summary>
    public required int TestCount { get; init; }

    /// <summary>How its files are laid out.</summary>
    public required DatasetLayout Layout { get; init; }

    /// <summary>Where its official files are published; empty where they cannot be downloaded.</summary>
    public Sequence<PublishedFile> Files { get; init; } = [];

    /// <summary>The folder of a cache that holds its files: two sets of the same files share it.</summary>
    public string CacheName { get => field ?? Name; init; }

    /// <summary>The small sample of it that the library carries, or null.</summary>
    public DatasetSample? Embedded { get; init; }

    /// <summary>What is usually done to its images in training.</summary>
    public Augmentation Augmentation { get; init; }

    /// <summary>The data set of a name; null where there is none.</summary>
    public static Dataset? Find(string name) => All.FirstOrDefault(dataset => dataset.Name == name);

    /// <summary>The data set that has a part of its files in a folder; null where there is none.</summary>
    /// <remarks>
    /// Where several sets name their files alike, as MNIST and Fashion-MNIST do, it is the one whose published hash they have, else the
    /// first.
    /// </remarks>
    /// <exception cref="InputException">A file cannot be read.</exception>
    public static Dataset? In(string folder, Split split)
    {
        Dataset[] here = [.. All.Where(dataset => dataset.IsIn(folder, split))];
        return here.FirstOrDefault(dataset => dataset.IsPublishedIn(folder, split)) ?? here.FirstOrDefault();
    }

    /// <summary>Opens its files: the training part, and the test part where it is there.</summary>
    /// <param name="place">The folder of the files, the official archive where there is one, or a pack of them.</param>
    /// <param name="from">How messages say where they are from; null for "from" and the place.</param>
    /// <exception cref="InputException">The training part is missing, or a file is damaged or of another data set.</exception>
    public TrainingData Open(string place, string? from = null)
    {
        if (ImagePack.IsAt(place))
            return OfPack(place);
        var train = Read(place, Split.Train);
        try
        {
            var test = IsIn(place, Split.Test) ? Read(place, Split.Test) : null;
            return new(train, test, Line(train.Provenance, test?.Provenance, from ?? $"from {place}"));
        }
        catch
        {
            train.Dispose();
            throw;
        }
    }

    /// <summary>Whether a folder holds a part of it.</summary>
    public bool IsIn(string folder, Split split) => Layout.IsIn(folder, split);

    /// <summary>Reads one part.</summary>
    /// <param name="place">The folder of the files, or the official archive where there is one.</param>
    /// <param name="split">Which part.</param>
    /// <exception cref="InputException">It is missing, or a file is damaged or of another data set.</exception>
    public ImageSet Read(string place, Split split) =>
        All.FirstOrDefault(other => other.Title != Title && other.IsPublishedIn(place, split)) is { } other
            ? throw new InputException(place, $"the files of {other.Title}", $"those of {Title}")
            : Layout.Read(this, place, split);

    /// <summary>Both parts of the small sample that the library carries.</summary>
    /// <exception cref="InputException">It carries none of this set.</exception>
    public TrainingData Sample()
    {
        var (train, test) = (Sample(Split.Train), Sample(Split.Test));
        return new(train, test, $"Data: the embedded sample of {Title}, {train.Count} training and {test.Count} test images.");
    }

    /// <summary>One part of the small sample that the library carries.</summary>
    /// <exception cref="InputException">It carries none of this set.</exception>
    public ImageSet Sample(Split split) => Embedded is { } sample ? sample.Read(this, split)
        : throw new InputException(Title, "no embedded sample", $"a folder with its official files: {Layout.Files}");

    /// <summary>The description of a part that was read from <paramref name="origin"/>.</summary>
    public DataDescription Describe(Split split, string origin) => new(Title, split, ClassNames, origin);

    /// <summary>The description of a part of so many images that was read from <paramref name="place"/>.</summary>
    internal DataDescription Describe(Split split, int count, string place)
    {
        var official = split == Split.Train ? TrainCount : TestCount;
        var origin = count == official ? $"the official {official} in {place}" : $"{count} of the official {official}, in {place}";
        return Describe(split, origin);
    }

    private TrainingData OfPack(string path)
    {
        var data = ImagePack.OpenAll(path);
        var (train, test) = (data.Train.Provenance, data.Test?.Provenance);
        if (train.Description.Name == Title && train.Shape == Shape && train.Description.ClassNames.Equals(ClassNames))
            return data with { Line = Line(train, test, $"from {path}") };
        data.Dispose();
        throw new InputException(path, $"a pack of {train.Description.Name}, {train.Count} images of {train.Shape}", $"one of {Title}");
    }

    private string Line(Provenance train, Provenance? test, string from) =>
        $"Data: {Title}, {train.Count} training and {test?.Count ?? 0} test images {from}.";

    // Recognised by the one small file that the layout names.
    private bool IsPublishedIn(string folder, Split split)
    {
        if (Layout.TellingFile(split) is not { } name || Files.FirstOrDefault(file => file.FileName == name) is not { } published)
            return false;
        var path = Path.Combine(folder, name);
        return File.Exists(path) && InputFile.Reading(path, () =>
        {
            using var content = OrdinaryFile.Open(path);
            return published.Damage(content) is null;
        });
    }
}
