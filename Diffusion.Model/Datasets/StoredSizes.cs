using System.Globalization;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>How large the files of a set are, and what has to be done to bring them to one size.</summary>
/// <param name="Count">How many were counted.</param>
/// <param name="Oblong">How many have other proportions than asked for.</param>
/// <param name="Larger">Of how many the part in their middle is larger than asked for.</param>
/// <param name="Smaller">How many are smaller.</param>
/// <param name="Least">The size with the fewest pixels; null before the first one.</param>
/// <param name="Most">The size with the most pixels.</param>
internal sealed record StoredSizes(int Count, int Oblong, int Larger, int Smaller, ImageSize? Least, ImageSize? Most)
{
    /// <summary>Before the first one.</summary>
    public static StoredSizes None { get; } = new(0, 0, 0, 0, null, null);

    /// <summary>These and one more.</summary>
    /// <param name="size">Its size.</param>
    /// <param name="wanted">The size asked for.</param>
    public StoredSizes With(ImageSize size, ImageSize wanted)
    {
        // Compared by whichever side is the shorter one for the wanted proportions.
        var (across, down) = ((long)size.Width * wanted.Height, (long)size.Height * wanted.Width);
        var own = Min(across, down).CompareTo((long)wanted.Width * wanted.Height);
        return new(Count + 1, Oblong + (across == down ? 0 : 1), Larger + (own > 0 ? 1 : 0), Smaller + (own < 0 ? 1 : 0),
            Least is { } least && !IsBefore(size, least) ? least : size, Most is { } most && !IsBefore(most, size) ? most : size);
    }

    /// <summary>What is done, for a person; empty where all have that size.</summary>
    /// <param name="wanted">The size asked for.</param>
    public string Sentence(ImageSize wanted)
    {
        if (Oblong + Larger + Smaller == 0)
            return "";
        var scaled = Larger > 0 ? Smaller > 0 ? "scaled" : "reduced" : Smaller > 0 ? "enlarged" : "";
        string[] done = [.. new[] { Oblong > 0 ? Cut(wanted) : "", scaled }.Where(word => word.Length > 0)];
        var range = Least == Most ? Text(Least!) : $"{Text(Least!)} to {Text(Most!)}";
        var enlarged = Larger > 0 && Smaller > 0 || Smaller > 0 && Smaller < Count
            ? string.Create(CultureInfo.InvariantCulture, $" ({Smaller} enlarged)") : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{string.Join(" and ", done)} to {Text(wanted)} from files of {range}{enlarged}");
    }

    private static string Cut(ImageSize wanted) =>
        wanted.Width == wanted.Height ? "cut to the central square" : "cut to the centre in these proportions";

    // The same whichever is counted first.
    private static bool IsBefore(ImageSize one, ImageSize other) =>
        ((long)one.Width * one.Height, one.Width).CompareTo(((long)other.Width * other.Height, other.Width)) < 0;

    private static string Text(ImageSize size) => string.Create(CultureInfo.InvariantCulture, $"{size.Width}×{size.Height}");
}
