using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>Which files of a place are the images of the part that is wanted, and why the others are not.</summary>
/// <param name="Images">The images, in the order of their names.</param>
/// <param name="Root">The folder of the part, with <c>/</c> at its end; empty where everything is one part.</param>
/// <param name="Labels">The file that says the labels; null where there is none.</param>
/// <param name="Table">The table of labels that stands in for it; null where there is none.</param>
/// <param name="Count">How many files there are, hidden ones not counted.</param>
/// <param name="LeftOut">Why some are left out, each reason with how many.</param>
internal sealed record ChosenFiles(
    ImageEntry[] Images, string Root, ImageEntry? Labels, ImageEntry? Table, int Count, IReadOnlyList<string> LeftOut)
{
    // A folder that is called otherwise is a class, and so are then all beside it, whatever they are called.
    private static readonly string[] Parts =
        ["train", "test", "val", "valid", "validation", "dev", "eval", "extra", "unlabeled", "unsup"];

    /// <summary>The images of a part.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static ChosenFiles Of(IImageFiles files, ImageLoading loading)
    {
        var split = loading.Split;
        ImageEntry[] all = [.. files.List().Where(entry => entry.Name != ImageFolder.SampleRecord)];
        ImageEntry[] images = [.. all.Where(entry => entry is { IsImage: true, IsRepeat: false })
            .OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        var outer = loading.Outer == OuterFolder.LookedThrough ? OuterOf(all, images) : "";
        string[] folders = [.. images.Select(entry => Folder(entry.Name[outer.Length..])).Distinct().Where(folder => folder != "")];
        var isParted = (folders.Contains("train") || folders.Contains("test")) && folders.All(folder => Parts.Contains(folder));
        var root = outer + (split == Split.Test ? "test/" : isParted ? "train/" : "");
        // A class called test is no part.
        bool IsInPart(ImageEntry entry) => entry.Name.StartsWith(root, StringComparison.Ordinal) && (isParted || root == outer);
        ImageEntry? Named(string name) => all.FirstOrDefault(entry => entry.Name == name) is { Name: not null } found ? found : null;
        var labels = Named(root + FileLabels.FileName);
        var table = Named(root + LabelCsv.FileName) ?? Named(root + LabelCsv.MetadataName);
        var others = all.Where(entry => !entry.IsImage && !entry.IsRepeat && entry.Name != labels?.Name && entry.Name != table?.Name)
            .ToArray();
        string[] reasons =
        [
            .. others.Where(entry => entry.IsOtherImage).GroupBy(entry => entry.Ending).OrderBy(group => group.Key, StringComparer.Ordinal)
                .SelectMany(group => Say(group.Count(), $"{group.Key}, a format that is not read")),
            .. Say(images.Count(entry => !IsInPart(entry)), $"outside {root}"),
            .. Say(all.Count(entry => entry.IsRepeat), "linked or named a second time"),
            .. Say(others.Count(entry => !entry.IsOtherImage), "no image"),
        ];
        var chosen = images.Where(IsInPart).ToArray();
        var counted = all.Length - (labels is null ? 0 : 1) - (table is null ? 0 : 1);
        return chosen.Length > 0 ? new(chosen, root, labels, table, counted, reasons) : throw new InputException(
            files.Place,
            (root == outer ? "no image" : $"no image in {root}") + (reasons.Length > 0 ? $" ({string.Join("; ", reasons)})" : "")
            + (root != outer && !isParted && folders.Length > 0 ? $"; the folders {Few(folders)} are classes" : ""),
            ImageEntry.Expected);
    }

    /// <summary>The same with images left out, for a reason.</summary>
    public ChosenFiles Without(IReadOnlyCollection<ImageEntry> left, string reason) => left.Count == 0 ? this : this with
    {
        Images = [.. Images.Except(left)],
        LeftOut = [.. Say(left.Count, $"{reason} ({Few([.. left.Select(entry => entry.Name)])})"), .. LeftOut],
    };

    /// <summary>Which files are left out, and why; empty where none is.</summary>
    public string Sentence => LeftOut.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
        $"{Images.Length} of {Counted.Of(Count, "file")}; left out: {string.Join("; ", LeftOut)}");

    /// <summary>The first names of a list that may be long.</summary>
    public static string Few(IReadOnlyList<string> names)
    {
        const int Most = 5, Longest = 200;
        return string.Join(", ", names.Take(Most).Select(name => PlainText.Name(PlainText.Elided(name, Longest))))
            + (names.Count > Most ? ", …" : "");
    }

    private static string[] Say(int count, string what) =>
        count == 0 ? [] : [string.Create(CultureInfo.InvariantCulture, $"{count} {what}")];

    private static string Folder(string name) => name.IndexOf('/') is > 0 and var end ? name[..end] : "";

    // The folder with all images, none of which lies in it directly; empty where there is none such.
    private static string OuterOf(IReadOnlyList<ImageEntry> all, ImageEntry[] images)
    {
        if (images.Length == 0 || Folder(images[0].Name) is not { Length: > 0 } folder || Parts.Contains(folder)
            || all.Any(entry => entry.Name is FileLabels.FileName or LabelCsv.FileName or LabelCsv.MetadataName))
            return "";
        var outer = folder + '/';
        return images.All(entry => entry.Name.StartsWith(outer, StringComparison.Ordinal) && entry.Name.IndexOf('/', outer.Length) > 0)
            ? outer : "";
    }
}
