using System.Collections.Concurrent;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>How far looking at all images of a set is.</summary>
/// <param name="Done">Images looked at.</param>
/// <param name="Total">Images in all.</param>
public readonly record struct ImagesLooked(int Done, int Total);

/// <summary>An image that cannot be used, and why.</summary>
/// <param name="Name">Its name inside its place.</param>
/// <param name="Place">What it is called in messages.</param>
/// <param name="Found">What is there.</param>
/// <param name="Expected">What should be there.</param>
/// <param name="IsDamaged">Whether it cannot be decoded; else only its size is wrong.</param>
internal sealed record BadImage(string Name, string Place, string Found, string Expected, bool IsDamaged);

/// <summary>Looks at every image of a set once, on all processors, and says all that is wrong at once.</summary>
/// <remarks>Nobody wants to mend a thousand files one run at a time, or to lose a run of hours to one of them.</remarks>
internal static class ImageLook
{
    /// <summary>Does something with every image.</summary>
    /// <param name="entries">The images.</param>
    /// <param name="loading">Receives the progress, and may cancel it.</param>
    /// <param name="look">What is done; fails where an image cannot be used.</param>
    /// <returns>The images that cannot be used, in order.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static BadImage[] Run(ImageEntry[] entries, ImageLoading loading, Action<int> look)
    {
        var refused = new ConcurrentDictionary<int, BadImage>();
        var done = 0;
        Parallel.For(0, entries.Length, new() { CancellationToken = loading.Stopping }, index =>
        {
            try
            {
                look(index);
            }
            catch (InputException trouble)
            {
                refused[index] = new(entries[index].Name, trouble.Place, trouble.Found, trouble.Expected, !trouble.IsOfOtherSize);
            }
            loading.Progress?.Report(new(Interlocked.Increment(ref done), entries.Length));
        });
        return [.. refused.OrderBy(pair => pair.Key).Select(pair => pair.Value)];
    }

    /// <summary>Refuses a set that holds bad images.</summary>
    /// <exception cref="InputException">It names one with its reason, or counts several, names some and gives the reason of the
    /// first.</exception>
    public static void Refuse(string place, int count, IReadOnlyList<BadImage> bad, string advice)
    {
        if (bad.Count == 0)
            return;
        var first = bad[0];
        var hint = advice == "" ? "" : $"; {advice}";
        if (bad.Count == 1)
            throw new InputException(first.Place, first.Found, first.Expected + hint);
        throw new InputException(
            place, $"{bad.Count} of {Counted.Of(count, "image")} unusable ({ChosenFiles.Few([.. bad.Select(image => image.Name)])})",
            (bad.Any(image => image.IsDamaged) ? "images that can all be decoded" : "images of one size")
            + $"{hint}; of the first: found {first.Found}; expected {first.Expected}");
    }
}
