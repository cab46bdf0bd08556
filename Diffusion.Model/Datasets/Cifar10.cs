using System.Formats.Tar;
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
        CheckLength(path, new FileInfo(path).Length);
        return File.ReadAllBytes(path);
    }

    private static List<(string File, byte[] Records)> ReadArchive(string path, Split split)
    {
        var batches = new List<(string File, byte[] Records)>();
        var (content, _) = InputFile.Open(path);
        using var tar = new TarReader(content);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is not { } data || !IsBatch(Path.GetFileName(entry.Name), split))
                continue;
            var name = $"{path}({entry.Name})";
            CheckLength(name, entry.Length);
            var records = new byte[entry.Length];
            data.ReadExactly(records);
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
        var count = batches.Sum(batch => batch.Records.Length / RecordLength);
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
