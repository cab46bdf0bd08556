using System.Text.RegularExpressions;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>A byte of a CIFAR record that holds a label.</summary>
/// <param name="Name">Such as <c>fine label</c>.</param>
/// <param name="Classes">Labels are 0 to one less than this.</param>
public sealed record LabelByte(string Name, int Classes);

/// <summary>The Python version of a CIFAR set: the same images in pickles.</summary>
/// <param name="Archive">The official archive's name.</param>
/// <param name="Folder">The folder that the archive unpacks to.</param>
/// <param name="TrainFiles">The files of the training part; <c>*</c> stands for a number.</param>
/// <param name="TestFile">The file of the test part.</param>
/// <param name="Names">The file beside them that names the classes, by which they are recognised.</param>
/// <param name="Labels">Under what the labels are, in the order of the label bytes of the binary version.</param>
public sealed record CifarPython(
    string Archive, string Folder, string TrainFiles, string TestFile, string Names, Sequence<string> Labels);

/// <summary>
/// The binary layout of CIFAR-10 and CIFAR-100: records of one or two label bytes and three 32×32 planes, red, green and blue, in files of
/// any number of records, unpacked or in the official archive.
/// </summary>
/// <remarks>
/// Krizhevsky 2009, "Learning multiple layers of features from tiny images", and https://www.cs.toronto.edu/~kriz/cifar.html.
/// </remarks>
public sealed record CifarLayout : DatasetLayout
{
    private const int PixelBytes = 3 * 32 * 32;

    // Ten times an official batch. Memory is taken for a file before it is checked.
    private const long MostRecords = 100_000;

    /// <summary>The official archive's name.</summary>
    public required string Archive { get; init; }

    /// <summary>The folder that the archive unpacks to.</summary>
    public required string FolderInArchive { get; init; }

    /// <summary>The files of the training part; <c>*</c> stands for a number.</summary>
    public required string TrainFiles { get; init; }

    /// <summary>The file of the test part.</summary>
    public required string TestFile { get; init; }

    /// <summary>The label bytes of a record, in order.</summary>
    public Sequence<LabelByte> Labels { get; init; } = [new("label", 10)];

    /// <summary>The Python version of the same files.</summary>
    public required CifarPython Python { get; init; }

    /// <summary>Which of the label bytes is the class of an image.</summary>
    public int Label { get; init; }

    /// <inheritdoc/>
    public override string Files => $"{Archive} or {Python.Archive}, or the files unpacked from one of them";

    private int RecordLength => Labels.Count + PixelBytes;

    /// <inheritdoc/>
    public override bool IsIn(string folder, Split split) =>
        File.Exists(Path.Combine(folder, Archive)) || File.Exists(Path.Combine(folder, Python.Archive))
        || Unpacked(folder).Any(place => BatchFiles(place, split).Count > 0)
        || Pickled(folder).Any(place => PickleFiles(place, split).Count > 0);

    /// <inheritdoc/>
    public override ImageSet Read(Dataset dataset, string place, Split split) => InputFile.Reading(place, () =>
    {
        if (File.Exists(place))
            return Combine(dataset, ReadArchive(place, split), split, place);
        foreach (var folder in Unpacked(place))
            if (BatchFiles(folder, split) is { Count: > 0 } files)
                return Combine(dataset, [.. files.Select(file => (file, InputFile.Reading(file, () => ReadBatch(file))))], split, folder);
        foreach (var folder in Pickled(place))
            if (PickleFiles(folder, split) is { Count: > 0 } files)
                return Combine(dataset, [.. files.Select(file => (file, ReadPickle(file)))], split, folder);
        return new[] { Archive, Python.Archive }.Select(name => Path.Combine(place, name)).FirstOrDefault(File.Exists) is { } archive
            ? Combine(dataset, ReadArchive(archive, split), split, archive)
            : throw new InputException(
                place, Directory.Exists(place) ? $"no {Pattern(split)}" : "no folder", $"{dataset.Title} batch files or {Archive}");
    });

    /// <summary>Reads one part from the content of an archive; the stream is closed.</summary>
    /// <exception cref="InputException">Nothing of the kind is in it, or it is damaged.</exception>
    internal ImageSet ReadArchive(Dataset dataset, string path, Stream archive, Split split) =>
        InputFile.Reading(path, () => Combine(dataset, ReadArchive(path, archive, split, MostRecords * RecordLength), split, path));

    /// <summary>The batches of a part, of which there are at most so many bytes together.</summary>
    /// <remarks>A small archive can unpack to a thousand times its size: what is not wanted is passed over.</remarks>
    internal List<(string File, byte[] Records)> ReadArchive(string path, Stream archive, Split split, long most)
    {
        var left = most;
        var batches = new List<(string File, byte[] Records)>();
        var names = new HashSet<string>();
        var (content, atMost) = InputFile.Open(archive);
        using var _ = content;
        var tar = new TarArchive(path, content, atMost);
        while (tar.Next() is { } entry)
        {
            var batch = Path.GetFileName(entry.Name);
            var isPickle = !IsBatch(batch, split) && IsPickle(batch, split);
            if (entry.Kind != TarKind.File || !isPickle && !IsBatch(batch, split))
                continue;
            var name = $"{path}({entry.Name})";
            if (isPickle)
                CheckPickle(name, entry.Length);
            else
                CheckLength(name, entry.Length);
            if (!names.Add(batch))
                throw new InputException(name, $"a second {batch}", "each batch once");
            if ((left -= entry.Length) < 0)
                throw new InputException(path, $"more than {Counted.Of(most / RecordLength, "image")}", $"the contents of {Archive}");
            var records = new byte[entry.Length];
            tar.ReadExactly(records);
            batches.Add((name, isPickle ? Unpickled(name, FileBytes.Of(name, records)) : records));
        }
        return batches.Count > 0
            ? [.. batches.OrderBy(batch => batch.File, StringComparer.Ordinal)]
            : throw new InputException(path, $"no {Pattern(split)} inside", $"the contents of {Archive}");
    }

    private List<(string File, byte[] Records)> ReadArchive(string path, Split split) => InputFile.Reading(path, () =>
    {
        using var file = OrdinaryFile.Open(path);
        return ReadArchive(path, file, split, MostRecords * RecordLength);
    });

    private IReadOnlyList<string> BatchFiles(string folder, Split split) => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateFiles(folder).Where(file => IsBatch(Path.GetFileName(file), split)).Order(StringComparer.Ordinal)];

    private IEnumerable<string> Unpacked(string folder) => [folder, Path.Combine(folder, FolderInArchive)];

    // By the file beside them: they are called train and test, as other files are.
    private IEnumerable<string> Pickled(string folder) => new[] { folder, Path.Combine(folder, Python.Folder) }
        .Where(place => File.Exists(Path.Combine(place, Python.Names)));

    private IReadOnlyList<string> PickleFiles(string folder, Split split) =>
        [.. Directory.EnumerateFiles(folder).Where(file => IsPickle(Path.GetFileName(file), split)).Order(StringComparer.Ordinal)];

    private byte[] ReadPickle(string path) => InputFile.Reading(path, () =>
    {
        OrdinaryFile.Require(path);
        CheckPickle(path, new FileInfo(path).Length);
        return Unpickled(path, FileBytes.Map(path));
    });

    private byte[] Unpickled(string path, FileBytes file)
    {
        using (file)
            try
            {
                return CifarPickle.Records(file, Python.Labels, PixelBytes);
            }
            catch (InvalidFileException damage)
            {
                throw new InputException(path, damage.Reason, $"a file of {Python.Archive}", damage);
            }
    }

    private static void CheckPickle(string file, long length)
    {
        if (length > 2 * MostRecords * PixelBytes)
            throw new InputException(file, Counted.Of(length, "byte"), $"at most {2 * MostRecords * PixelBytes}");
    }

    private byte[] ReadBatch(string path)
    {
        OrdinaryFile.Require(path);
        CheckLength(path, new FileInfo(path).Length);
        return OrdinaryFile.ReadAll(path, MostRecords * RecordLength);
    }

    private void CheckLength(string file, long length)
    {
        if (length > 0 && length % RecordLength == 0 && length <= MostRecords * RecordLength)
            return;
        var labels = string.Join(", ", Labels.Select(label => $"1 {label.Name} byte"));
        throw new InputException(file, Counted.Of(length, "byte"),
            $"a multiple of {RecordLength} ({labels} and {PixelBytes} pixels), at most {MostRecords * RecordLength}");
    }

    private ImageSet Combine(Dataset dataset, IReadOnlyList<(string File, byte[] Records)> batches, Split split, string place)
    {
        var count = (int)Min(int.MaxValue, batches.Sum(batch => batch.Records.LongLength / RecordLength));
        if (count > Array.MaxLength / PixelBytes)
            throw new InputException(place, Counted.Of(count, "image"), $"at most {Array.MaxLength / PixelBytes}");
        var pixels = new byte[count * PixelBytes];
        var labels = new byte[count];
        var next = 0;
        foreach (var (file, records) in batches)
            for (var record = 0; record < records.Length / RecordLength; record++, next++)
            {
                var bytes = records.AsSpan(record * RecordLength, RecordLength);
                foreach (var (at, label) in Labels.Index())
                    if (bytes[at] >= label.Classes)
                        throw new InputException(
                            file, $"{label.Name} {bytes[at]} at record {record}", $"a {label.Name} 0 to {label.Classes - 1}");
                labels[next] = bytes[Label];
                bytes[Labels.Count..].CopyTo(pixels.AsSpan(next * PixelBytes));
            }
        return ImageSet.Of(dataset.Describe(split, count, place), dataset.Shape, pixels, labels);
    }

    private string Pattern(Split split) => split == Split.Train ? TrainFiles : TestFile;

    private bool IsBatch(string name, Split split) => IsLike(name, Pattern(split));

    private bool IsPickle(string name, Split split) => IsLike(name, split == Split.Train ? Python.TrainFiles : Python.TestFile);

    private static bool IsLike(string name, string pattern) =>
        Regex.IsMatch(name, $@"\A{Regex.Escape(pattern).Replace(@"\*", @"\d+")}\z");
}
