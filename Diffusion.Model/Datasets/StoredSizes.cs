using System.Globalization;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>How large the files of a set are, and what has to be done to bring them to squares of one size.</summary>
/// <param name="Count">How many were counted.</param>
/// <param name="Oblong">How many are no squares.</param>
/// <param name="Larger">How many squares in their middle are larger than asked for.</param>
/// <param name="Smaller">How many are smaller.</param>
/// <param name="Least">The size with the fewest pixels; null before the first one.</param>
/// <param name="Most">The size with the most pixels.</param>
internal sealed record StoredSizes(int Count, int Oblong, int Larger, int Smaller, ImageSize? Least, ImageSize? Most)
{
    /// <summary>Before the first one.</summary>
    public static StoredSizes None { get; } = new(0, 0, 0, 0, null, null);

    /// <summary>These and one more.</summary>
    /// <param name="size">Its size.</param>
    /// <param name="side">The side of the squares.</param>
    public StoredSizes With(ImageSize size, int side)
    {
        var own = Min(size.Width, size.Height);
        return new(Count + 1, Oblong + (size.Width == size.Height ? 0 : 1), Larger + (own > side ? 1 : 0), Smaller + (own < side ? 1 : 0),
            Least is { } least && !IsBefore(size, least) ? least : size, Most is { } most && !IsBefore(most, size) ? most : size);
    }

    /// <summary>What is done, for a person; empty where all have that size.</summary>
    /// <param name="side">The side of the squares.</param>
    public string Sentence(int side)
    {
        if (Oblong + Larger + Smaller == 0)
            return "";
        var scaled = Larger > 0 ? Smaller > 0 ? "scaled" : "reduced" : Smaller > 0 ? "enlarged" : "";
        string[] done = [.. new[] { Oblong > 0 ? "cut to the central square" : "", scaled }.Where(word => word.Length > 0)];
        var range = Least == Most ? Text(Least!) : $"{Text(Least!)} to {Text(Most!)}";
        var enlarged = Larger > 0 && Smaller > 0 || Smaller > 0 && Smaller < Count
            ? string.Create(CultureInfo.InvariantCulture, $" ({Smaller} enlarged)") : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{string.Join(" and ", done)} to {side}×{side} from files of {range}{enlarged}");
    }

    // The same whichever is counted first.
    private static bool IsBefore(ImageSize one, ImageSize other) =>
        ((long)one.Width * one.Height, one.Width).CompareTo(((long)other.Width * other.Height, other.Width)) < 0;

    private static string Text(ImageSize size) => string.Create(CultureInfo.InvariantCulture, $"{size.Width}×{size.Height}");
}
