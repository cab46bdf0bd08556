using System.Text.RegularExpressions;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>A byte of a CIFAR record that holds a label.</summary>
/// <param name="Name">Such as <c>fine label</c>.</param>
/// <param name="Classes">Labels are 0 to one less than this.</param>
public sealed record LabelByte(string Name, int Classes);

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

    /// <summary>Which of the label bytes is the class of an image.</summary>
    public int Label { get; init; }

    /// <inheritdoc/>
    public override string Files => $"{Archive}, or {TrainFiles} and {TestFile} unpacked from it";

    private int RecordLength => Labels.Count + PixelBytes;

    /// <inheritdoc/>
    public override bool IsIn(string folder, Split split) =>
        File.Exists(Path.Combine(folder, Archive))
        || BatchFiles(folder, split).Count > 0
        || BatchFiles(Path.Combine(folder, FolderInArchive), split).Count > 0;

    /// <inheritdoc/>
    public override ImageSet Read(Dataset dataset, string place, Split split) => InputFile.Reading(place, () =>
    {
        if (File.Exists(place))
            return Combine(dataset, ReadArchive(place, split), split, place);
        var archive = Path.Combine(place, Archive);
        foreach (var folder in new[] { place, Path.Combine(place, FolderInArchive) })
            if (BatchFiles(folder, split) is { Count: > 0 } files)
                return Combine(dataset, [.. files.Select(file => (file, InputFile.Reading(file, () => ReadBatch(file))))], split, folder);
        return File.Exists(archive)
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
            if (Path.GetFileName(entry.Name) is var batch && !IsBatch(batch, split))
                continue;
            var name = $"{path}({entry.Name})";
            CheckLength(name, entry.Length);
            if (!names.Add(batch))
                throw new InputException(name, $"a second {batch}", "each batch once");
            if ((left -= entry.Length) < 0)
                throw new InputException(path, $"more than {Counted.Of(most / RecordLength, "image")}", $"the contents of {Archive}");
            var records = new byte[entry.Length];
            tar.ReadExactly(records);
            batches.Add((name, records));
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

    private bool IsBatch(string name, Split split) => Regex.IsMatch(name, $@"\A{Regex.Escape(Pattern(split)).Replace(@"\*", @"\d+")}\z");
}
