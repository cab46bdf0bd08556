using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>The labels of image files, all from one source: the folders they lie in, or a file.</summary>
/// <param name="Classes">The name of every label, by label.</param>
/// <param name="Numbers">The label of each image.</param>
/// <param name="Source">Where they are from, for a person.</param>
internal sealed record FileLabels(Sequence<string> Classes, int[] Numbers, string Source)
{
    /// <summary>What EDM and StyleGAN call the file that says the labels.</summary>
    public const string FileName = "dataset.json";

    // Every label has a name, whether or not an image has the label: one far beyond the images is a mistake, and costs time and memory.
    private const int AlwaysAllowed = 1000;
    private const int MostOfAnImage = 10;

    // More classes, or longer names, are no longer a line to be read.
    private const int MostListed = 10;
    private const int LongestListed = 40;

    /// <summary>The file that says them; null for the folders.</summary>
    public string? File { get; private init; }

    /// <summary>The labels of the chosen files.</summary>
    /// <exception cref="InputException">The file that says them is damaged, or lacks one.</exception>
    public static FileLabels Of(IImageFiles files, ChosenFiles chosen)
    {
        var ownName = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(files.Place)));
        if (chosen.Labels is { } file && Said(files, chosen, file, ownName) is { } said)
            return said;
        if (chosen.Table is { } table && InTable(files, chosen, table) is { } listed)
            return listed;
        string[] names = [.. chosen.Images.Select(entry => ClassOf(entry.Name[chosen.Root.Length..], ownName))];
        var classes = names.Distinct().Order(StringComparer.Ordinal).ToSequence();
        var numbers = classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        var labels = names.Select(name => numbers[name]).ToArray();
        return new(classes, labels, classes.Count == 1 ? "1 class" : CountText(classes, labels, "subfolders"));
    }

    // Such as "2 classes from subfolders: birds 120, cars 80".
    private static string CountText(Sequence<string> classes, int[] labels, string source)
    {
        var counts = new int[classes.Count];
        foreach (var label in labels)
            counts[label]++;
        var text = classes.Count == 1 ? $"1 class from {source}"
            : string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(classes.Count, "class", "classes")} from {source}");
        return classes.Count <= MostListed && classes.All(name => name.Length <= LongestListed && !int.TryParse(name, out _))
            ? $"{text}: " + string.Join(
                ", ", classes.Zip(counts, (name, images) => FormattableString.Invariant($"{PlainText.Name(name)} {images}")))
            : counts.Min() == counts.Max()
                ? string.Create(CultureInfo.InvariantCulture, $"{text}, {counts[0]} {(counts[0] == 1 ? "image" : "images")} each")
                : string.Create(CultureInfo.InvariantCulture, $"{text}, {counts.Min()} to {counts.Max()} images each");
    }

    private static string ClassOf(string name, string ownName) => name.IndexOf('/') is > 0 and var end ? name[..end] : ownName;

    // Null where the file is of another kind.
    private static FileLabels? Said(IImageFiles files, ChosenFiles chosen, ImageEntry file, string ownName)
    {
        var place = $"{files.Place}({file.Name})";
        if (file.Fault is { } fault)
            throw new InputException(place, fault, "an ordinary file");
        using var json = Parsed(place, files.Read(file));
        if (LabelsIn(place, json.RootElement) is not { } labels)
            return null;
        // Images without labels lie in folders that only keep them few.
        if (labels.ValueKind == JsonValueKind.Null)
            return new([ownName], new int[chosen.Images.Length], $"no labels, as {FileName} says");
        var byName = Pairs(place, labels);
        int[] numbers = [.. chosen.Images.Select(image => byName.GetValueOrDefault(image.Name[chosen.Root.Length..], -1))];
        RequireEach(place, chosen, index => numbers[index] >= 0);
        return Numbered(place, numbers, FileName, byName.Count - numbers.Length);
    }

    // Null where the table has no labels.
    private static FileLabels? InTable(IImageFiles files, ChosenFiles chosen, ImageEntry table)
    {
        var place = $"{files.Place}({table.Name})";
        if (table.Fault is { } fault)
            throw new InputException(place, fault, "an ordinary file");
        var fileName = Path.GetFileName(table.Name);
        // As it is, and without its ending.
        string[][] names = [.. chosen.Images.Select(image => image.Name[chosen.Root.Length..])
            .Select(name => (string[])[name, name[..^Path.GetExtension(name).Length]])];
        if (LabelCsv.Read(place, files.Read(table), names, fileName == LabelCsv.FileName) is not var (labels, unused))
            return null;
        RequireEach(place, chosen, index => labels[index] is not null);
        int[] numbers = [.. labels.Select(label =>
            int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1)];
        if (numbers.All(number => number >= 0))
            return Numbered(place, numbers, fileName, unused);
        var classes = labels.OfType<string>().Distinct().Order(StringComparer.Ordinal).ToSequence();
        var byName = classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        numbers = [.. labels.Select(label => byName[label!])];
        return new(classes, numbers, CountText(classes, numbers, fileName) + Unused(unused)) { File = fileName };
    }

    private static void RequireEach(string place, ChosenFiles chosen, Func<int, bool> isLabelled)
    {
        var missing = chosen.Images.Where((_, index) => !isLabelled(index)).Select(image => image.Name).ToArray();
        if (missing.Length > 0)
            throw new InputException(place, string.Create(CultureInfo.InvariantCulture,
                $"no label of {missing.Length} of {Counted.Of(chosen.Images.Length, "image")} ({ChosenFiles.Few(missing)})"),
                "one of each image");
    }

    // Labels that are numbers are called so.
    private static FileLabels Numbered(string place, int[] numbers, string fileName, int unused)
    {
        var (highest, most) = (numbers.Max(), Max(AlwaysAllowed, (long)MostOfAnImage * numbers.Length));
        if (highest >= most)
            throw new InputException(place, string.Create(CultureInfo.InvariantCulture, $"the label {highest}"),
                string.Create(CultureInfo.InvariantCulture, $"labels below {most} for {Counted.Of(numbers.Length, "image")}"));
        var names = Enumerable.Range(0, highest + 1).Select(label => label.ToString(CultureInfo.InvariantCulture)).ToSequence();
        return new(names, numbers, CountText(names, numbers, fileName) + Unused(unused)) { File = fileName };
    }

    private static string Unused(int count) => count > 0 ? $", which labels {count} more that are not used" : "";

    private static JsonElement? LabelsIn(string place, JsonElement root)
    {
        try
        {
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("labels", out var labels) ? labels : null;
        }
        catch (InvalidOperationException half)
        {
            throw new InputException(place, "a name with half a character (a lone surrogate)", "the labels of the images", half);
        }
    }

    private static JsonDocument Parsed(string place, byte[] content)
    {
        // Programs on Windows begin a text with a mark.
        if (content is [0xEF, 0xBB, 0xBF, .. var text])
            content = text;
        if (!Utf8.IsValid(content))
            throw new InputException(place, "text that is not UTF-8", "the labels of the images");
        try
        {
            return JsonDocument.Parse(content);
        }
        catch (JsonException trouble)
        {
            throw new InputException(place, $"no JSON (line {trouble.LineNumber + 1})", "the labels of the images", trouble);
        }
    }

    private static Dictionary<string, int> Pairs(string place, JsonElement labels)
    {
        const string Expected = "a list of [\"file name\", label] with whole numbers from 0, or null";
        var byName = new Dictionary<string, int>();
        if (labels.ValueKind != JsonValueKind.Array)
            throw new InputException(place, $"labels of kind {labels.ValueKind}", Expected);
        foreach (var pair in labels.EnumerateArray())
        {
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2 || Text(pair[0]) is not { } name
                || pair[1].ValueKind != JsonValueKind.Number || !pair[1].TryGetInt32(out var label) || label < 0)
                throw new InputException(place, $"the label {Cut(pair.GetRawText())}", Expected);
            if (!byName.TryAdd(name, label) && byName[name] != label)
                throw new InputException(place, $"two labels of {Cut(name)}", "one");
        }
        return byName;
    }

    // Text with half a surrogate pair cannot be had.
    private static string? Text(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString()!.Replace('\\', '/') : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Cut(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
