using System.Text.RegularExpressions;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>Reads CIFAR-10's official binary layout: records of one label byte and three 32×32 planes, red, green and blue.</summary>
/// <remarks>Krizhevsky 2009, "Learning multiple layers of features from tiny images". A file may hold any number of records.</remarks>
public static partial class Cifar10
{
    /// <summary>The official archive's name.</summary>
    public const string Archive = "cifar-10-binary.tar.gz";

    private const string FolderInArchive = "cifar-10-batches-bin";
    private const int RecordLength = 1 + 3 * 32 * 32;

    // Ten times an official batch. Memory is taken for a file before it is checked.
    private const long LargestFile = 100_000L * RecordLength;

    /// <summary>The official names of the ten classes.</summary>
    public static Sequence<string> ClassNames { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>The shape of one image.</summary>
    public static ImageShape Shape { get; } = new(3, 32, 32);

    /// <summary>The description of a part of CIFAR-10 that was read from <paramref name="origin"/>.</summary>
    public static DataDescription Describe(Split split, string origin) => new("CIFAR-10", split, ClassNames, origin);

    /// <summary>Whether a folder holds the archive, or batch files of a part, directly or in the archive's own folder.</summary>
    public static bool IsIn(string folder, Split split) =>
        File.Exists(Path.Combine(folder, Archive))
        || BatchFiles(folder, split).Count > 0
        || BatchFiles(Path.Combine(folder, FolderInArchive), split).Count > 0;

    /// <summary>Reads one part.</summary>
    /// <param name="place">
    /// A folder with <c>data_batch_1.bin</c> … or <c>test_batch.bin</c>; a folder that holds the archive or what it unpacks to; or the
    /// archive itself.
    /// </param>
    /// <param name="split">Which part.</param>
    /// <exception cref="InputException">Nothing of the kind is there, or a file is damaged.</exception>
    public static ImageSet Read(string place, Split split) => InputFile.Reading(place, () =>
    {
        if (File.Exists(place))
            return Combine(ReadArchive(place, split), split, place);
        var archive = Path.Combine(place, Archive);
        foreach (var folder in new[] { place, Path.Combine(place, FolderInArchive) })
            if (BatchFiles(folder, split) is { Count: > 0 } files)
                return Combine([.. files.Select(file => (file, InputFile.Reading(file, () => ReadBatch(file))))], split, folder);
        return File.Exists(archive)
            ? Combine(ReadArchive(archive, split), split, archive)
            : throw new InputException(
                place, Directory.Exists(place) ? $"no {Pattern(split)}" : "no folder", $"CIFAR-10 batch files or {Archive}");
    });

    private static IReadOnlyList<string> BatchFiles(string folder, Split split) => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateFiles(folder).Where(file => IsBatch(Path.GetFileName(file), split)).Order(StringComparer.Ordinal)];

    private static byte[] ReadBatch(string path)
    {
        OrdinaryFile.Require(path);
        CheckLength(path, new FileInfo(path).Length);
        return OrdinaryFile.ReadAll(path, LargestFile);
    }

    private static List<(string File, byte[] Records)> ReadArchive(string path, Split split)
    {
        using var file = OrdinaryFile.Open(path);
        return ReadArchive(path, file, split, LargestFile);
    }

    /// <summary>Reads one part from the content of an archive; the stream is closed.</summary>
    /// <exception cref="InputException">Nothing of the kind is in it, or it is damaged.</exception>
    internal static ImageSet ReadArchive(string path, Stream archive, Split split) =>
        InputFile.Reading(path, () => Combine(ReadArchive(path, archive, split, LargestFile), split, path));

    /// <summary>The batches of a part, of which there are at most so many bytes together.</summary>
    /// <remarks>A small archive can unpack to a thousand times its size: what is not wanted is passed over.</remarks>
    internal static List<(string File, byte[] Records)> ReadArchive(string path, Stream archive, Split split, long most)
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
                throw new InputException(path, $"more than {most / RecordLength} images", "CIFAR-10");
            var records = new byte[entry.Length];
            tar.ReadExactly(records);
            batches.Add((name, records));
        }
        return batches.Count > 0
            ? [.. batches.OrderBy(batch => batch.File, StringComparer.Ordinal)]
            : throw new InputException(path, $"no {Pattern(split)} inside", $"the contents of {Archive}");
    }

    private static void CheckLength(string file, long length)
    {
        if (length == 0 || length % RecordLength != 0 || length > LargestFile)
            throw new InputException(
                file, $"{length} bytes", $"a multiple of {RecordLength} (1 label byte and 3072 pixels), at most {LargestFile}");
    }

    private static ImageSet Combine(IReadOnlyList<(string File, byte[] Records)> batches, Split split, string place)
    {
        var count = (int)Min(int.MaxValue, batches.Sum(batch => batch.Records.LongLength / RecordLength));
        if (count > Array.MaxLength / Shape.Size)
            throw new InputException(place, $"{count} images", $"at most {Array.MaxLength / Shape.Size}");
        var pixels = new byte[count * Shape.Size];
        var labels = new byte[count];
        var next = 0;
        foreach (var (file, records) in batches)
            for (var record = 0; record < records.Length / RecordLength; record++, next++)
            {
                var bytes = records.AsSpan(record * RecordLength, RecordLength);
                labels[next] = bytes[0] < ClassNames.Count
                    ? bytes[0]
                    : throw new InputException(file, $"label {bytes[0]} at record {record}", "a label 0 to 9");
                bytes[1..].CopyTo(pixels.AsSpan(next * (RecordLength - 1)));
            }
        return ImageSet.Of(Describe(split, OriginOf(count, split, place)), Shape, pixels, labels);
    }

    private static string OriginOf(int count, Split split, string place)
    {
        var official = split == Split.Train ? 50_000 : 10_000;
        return count == official ? $"the official {official} in {place}" : $"{count} of the official {official}, in {place}";
    }

    private static string Pattern(Split split) => split == Split.Train ? "data_batch_*.bin" : "test_batch.bin";

    private static bool IsBatch(string name, Split split) =>
        split == Split.Train ? TrainingBatch().IsMatch(name) : name == "test_batch.bin";

    [GeneratedRegex(@"^data_batch_\d+\.bin$")]
    private static partial Regex TrainingBatch();
}
