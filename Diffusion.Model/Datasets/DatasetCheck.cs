using System.Collections.Concurrent;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>
/// Looks at every image of a set, and says what a person should know before training on it: what is broken, odd, double or nearly so, and
/// what training and test images share.
/// </summary>
public static class DatasetCheck
{
    // A billion comparisons take minutes.
    private const long MostComparisons = 300_000_000;

    // Wider or higher than this many times the other side.
    private const double Elongated = 4;

    // A square cut out of it holds next to nothing.
    private const int Tiny = 8;

    /// <summary>Checks a folder, an archive of one, or a pack: its parts <c>train</c> and <c>test</c> where it has them.</summary>
    /// <param name="place">The folder, archive or pack.</param>
    /// <param name="against">Another one, whose images are looked for in the first; null for none.</param>
    /// <param name="channels">With alpha, images that differ in nothing else are not double; a pack has its channels.</param>
    /// <param name="progress">Called with how many images were looked at, by any thread.</param>
    /// <param name="stopping">Ends it early.</param>
    /// <exception cref="InputException">There are no images.</exception>
    public static DatasetFindings Of(
        string place, string? against, ImageChannels channels = ImageChannels.Colour, IProgress<ImagesLooked>? progress = null,
        CancellationToken stopping = default)
    {
        using var own = CheckedPlace.Of(place, channels);
        using var others = against is null ? null : CheckedPlace.Of(against, channels);
        List<(string Name, ICheckedImages Images)> parts = [("train", own.Train)];
        if (others is not null)
            parts.Add((against!, others.Train));
        else if (own.Test is { } test)
            parts.Add(("test", test));
        var found = Of(place, parts, progress, stopping);
        var faults = new[] { own, others }.OfType<CheckedPlace>().SelectMany(checkedPlace => checkedPlace.Faults(found.Broken, stopping));
        return found with { Broken = found.Broken.Concat(faults).ToSequence() };
    }

    /// <summary>Checks a data set's training images and, where they are there, its test images.</summary>
    /// <param name="data">The images; not owned.</param>
    /// <param name="progress">Called with how many images were looked at, by any thread.</param>
    /// <param name="stopping">Ends it early.</param>
    public static DatasetFindings Of(TrainingData data, IProgress<ImagesLooked>? progress = null, CancellationToken stopping = default) =>
        Of(data.Train.Provenance.Description.Name,
            [("train", new CheckedSource(data.Train)), .. data.Test is { } test ? [("test", new CheckedSource(test))]
                : Array.Empty<(string, ICheckedImages)>()], progress, stopping);

    private static DatasetFindings Of(
        string place, IReadOnlyList<(string Name, ICheckedImages Images)> parts, IProgress<ImagesLooked>? progress,
        CancellationToken stopping)
    {
        var (total, done) = (parts.Sum(part => part.Images.Count), 0);
        var looked = new List<LookedAt>();
        var broken = new List<ImageFault>();
        foreach (var (name, images) in parts)
        {
            var (found, faults) = (new LookedAt?[images.Count], new ConcurrentDictionary<int, string>());
            Parallel.For(0, images.Count, new() { CancellationToken = stopping }, index =>
            {
                try
                {
                    found[index] = LookedAt.Of(name, images.NameOf(index), images.ClassOf(index), images.Look(index));
                }
                catch (InputException trouble)
                {
                    faults[index] = trouble.Found;
                }
                progress?.Report(new(Interlocked.Increment(ref done), total));
            });
            looked.AddRange(found.OfType<LookedAt>());
            broken.AddRange(faults.OrderBy(fault => fault.Key).Select(fault => new ImageFault(images.NameOf(fault.Key), fault.Value)));
        }
        var (near, isComplete) = NearDoubles.In([.. looked.Select(image => image.Print)], MostComparisons, stopping);
        return new(place)
        {
            Parts = parts.Select(part => PartOf(part.Name, part.Images, looked)).ToSequence(),
            Broken = broken.ToSequence(),
            Sizes = looked.GroupBy(image => image.Size).OrderByDescending(group => group.Count())
                .ThenBy(group => ((long)group.Key.Width * group.Key.Height, group.Key.Width))
                .Select(group => (group.Key, group.Count())).ToSequence(),
            Odd = OddAmong(looked).ToSequence(),
            Doubles = looked.GroupBy(image => image.Print.Pixels).Where(group => group.Skip(1).Any())
                .Select(group => DoubledImages.Of([.. group])).ToSequence(),
            Near = near.Select(pair => DoubledImages.Of([looked[pair.One], looked[pair.Other]])).ToSequence(),
            NearIsComplete = isComplete,
        };
    }

    private static PartFindings PartOf(string name, ICheckedImages images, List<LookedAt> looked) => new(name, images.Count)
    {
        Classes = looked.Where(image => image.Part == name && image.Class is not null).GroupBy(image => image.Class!)
            .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => (group.Key, group.Count())).ToSequence(),
        Labels = images.LabelText,
        LabelFault = images.LabelFault,
        LeftOut = images.LeftOut.ToSequence(),
    };

    private static IEnumerable<OddImages> OddAmong(List<LookedAt> looked)
    {
        var grey = looked.Where(image => image.IsGrey).ToList();
        (string Kind, IEnumerable<LookedAt> Images)[] kinds =
        [
            ("of a single colour", looked.Where(image => image.IsPlain)),
            ("grey among coloured ones", grey.Count < looked.Count ? grey.Where(image => !image.IsPlain) : []),
            ("with transparency, which is laid over white", looked.Where(image => image is { IsTransparent: true, HasAlpha: false })),
            ("with transparency, which is kept", looked.Where(image => image is { IsTransparent: true, HasAlpha: true })),
            ("rotated by EXIF orientation", looked.Where(image => image.IsTurned)),
            (FormattableString.Invariant($"more than {Elongated} times as long as broad"), looked.Where(image =>
                Max(image.Size.Width, image.Size.Height) > Elongated * Min(image.Size.Width, image.Size.Height))),
            (FormattableString.Invariant($"smaller than {Tiny} pixels"), looked.Where(image =>
                Min(image.Size.Width, image.Size.Height) < Tiny)),
        ];
        return kinds.Select(kind => new OddImages(kind.Kind, kind.Images.Select(image => image.Name).ToSequence()))
            .Where(odd => odd.Names.Count > 0);
    }
}

/// <summary>An image that was looked at.</summary>
internal sealed record LookedAt(string Part, string Name, string? Class, ImageSize Size, ImagePrint Print)
{
    public bool IsGrey { get; init; }

    public bool IsPlain { get; init; }

    public bool IsTransparent { get; init; }

    public bool HasAlpha { get; init; }

    public bool IsTurned { get; init; }

    public static LookedAt Of(string part, string name, string? label, DecodedImage decoded)
    {
        var image = decoded.Image;
        var rgb = image.Rgb.AsSpan();
        var (isGrey, isPlain) = (true, true);
        for (var at = 0; at < rgb.Length && (isGrey || isPlain); at += 3)
        {
            isGrey &= rgb[at] == rgb[at + 1] && rgb[at] == rgb[at + 2];
            isPlain &= rgb.Slice(at, 3).SequenceEqual(rgb[..3]) && image.Alpha?[at / 3] == image.Alpha?[0];
        }
        return new(part, name, label, new(image.Height, image.Width), ImagePrint.Of(image))
        {
            IsGrey = isGrey,
            IsPlain = isPlain,
            IsTransparent = decoded.IsTransparent,
            HasAlpha = image.Alpha is not null,
            IsTurned = decoded.IsTurned,
        };
    }
}

/// <summary>What was found when every image of a set was looked at.</summary>
/// <param name="Place">Where the images are.</param>
public sealed record DatasetFindings(string Place)
{
    /// <summary>The parts, in order: that for training first.</summary>
    public Sequence<PartFindings> Parts { get; init; } = [];

    /// <summary>Images that cannot be read or decoded.</summary>
    public Sequence<ImageFault> Broken { get; init; } = [];

    /// <summary>The sizes as a person sees them, the most frequent first, with how many images have each.</summary>
    public Sequence<(ImageSize Size, int Count)> Sizes { get; init; } = [];

    /// <summary>Images that are whole and unlike what a training set usually holds, by kind.</summary>
    public Sequence<OddImages> Odd { get; init; } = [];

    /// <summary>Images that are the same to the pixel, a group for each.</summary>
    public Sequence<DoubledImages> Doubles { get; init; } = [];

    /// <summary>Pairs of images that look the same: encoded anew, scaled, or a little changed.</summary>
    public Sequence<DoubledImages> Near { get; init; } = [];

    /// <summary>Whether all pairs were looked for; not where too many images look alike.</summary>
    public bool NearIsComplete { get; init; } = true;

    /// <summary>
    /// Whether something should be mended before training: broken images, wrong labels, or test images among those to train on.
    /// </summary>
    public bool HasFaults => Broken.Count > 0 || Parts.Any(part => part.LabelFault is not null)
        || Doubles.Any(group => group.IsAcrossParts || group.IsOfSeveralClasses);
}

/// <summary>A part of a set.</summary>
/// <param name="Name">Such as <c>train</c>.</param>
/// <param name="Count">Images in it, broken ones among them.</param>
public sealed record PartFindings(string Name, int Count)
{
    /// <summary>Its classes, with how many whole images each has; empty where there are none.</summary>
    public Sequence<(string Name, int Count)> Classes { get; init; } = [];

    /// <summary>Where the classes are from, for a person.</summary>
    public string Labels { get; init; } = "";

    /// <summary>What is wrong with the labels; null where nothing is.</summary>
    public string? LabelFault { get; init; }

    /// <summary>Why files beside the images are left out, each reason with how many.</summary>
    public Sequence<string> LeftOut { get; init; } = [];
}

/// <summary>An image that cannot be used.</summary>
/// <param name="Name">Its name inside its place.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record ImageFault(string Name, string Reason);

/// <summary>Images that have something unusual in common.</summary>
/// <param name="Kind">What, as in "3 images …".</param>
/// <param name="Names">Their names.</param>
public sealed record OddImages(string Kind, Sequence<string> Names);

/// <summary>Images that are the same, or look the same.</summary>
/// <param name="Names">Their names; at least two.</param>
/// <param name="IsAcrossParts">Whether they lie in different parts, such as training and test images.</param>
/// <param name="IsOfSeveralClasses">Whether they have different labels.</param>
public sealed record DoubledImages(Sequence<string> Names, bool IsAcrossParts, bool IsOfSeveralClasses)
{
    internal static DoubledImages Of(IReadOnlyCollection<LookedAt> images) => new(
        images.Select(image => image.Name).ToSequence(), images.Select(image => image.Part).Distinct().Skip(1).Any(),
        images.Select(image => image.Class).OfType<string>().Distinct().Skip(1).Any());
}
