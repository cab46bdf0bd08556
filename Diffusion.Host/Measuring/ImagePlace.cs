using Diffusion.Model.Datasets;

namespace Diffusion.Host.Measuring;

/// <summary>Where images, or statistics of images, are said to be.</summary>
/// <param name="Word">A data set's name, or the path of a folder, a zip archive or an .npz file.</param>
/// <param name="Split">Which part, where there are parts.</param>
public sealed record ImagePlace(string Word, Split Split)
{
    /// <summary>Reads <c>PLACE</c>, <c>PLACE:train</c> or <c>PLACE:test</c>.</summary>
    public static ImagePlace Parse(string text)
    {
        foreach (var split in Enum.GetValues<Split>())
            if (text.EndsWith($":{split}", StringComparison.OrdinalIgnoreCase) && text.Length > $":{split}".Length)
                return new(text[..^$":{split}".Length], split);
        return new(text, Split.Train);
    }

    /// <summary>The data set that this program finds by itself, or null where the word is a path.</summary>
    internal Dataset? Dataset => Dataset.Find(Word);

    /// <summary>As it is typed.</summary>
    public override string ToString() => $"{Word}:{Split.ToString().ToLowerInvariant()}";
}
