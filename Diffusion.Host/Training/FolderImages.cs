using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Host.Training;

/// <summary>A person's own images: a folder of image files, or a zip archive of them.</summary>
public static class FolderImages
{
    /// <summary>Opens the part called <c>train</c> where there are parts, else everything.</summary>
    /// <param name="place">The folder or the archive.</param>
    /// <param name="side">Height and width that images are cut and scaled to, or null where they have one size.</param>
    /// <param name="channels">The channels of the network: 3, or 1 for grey.</param>
    /// <param name="bad">What becomes of files that cannot be decoded.</param>
    /// <param name="session">Who is told how far looking at the images is, and may stop it; null for nobody.</param>
    /// <exception cref="InputException">There are no images, or one cannot be read.</exception>
    public static LocatedData Open(string place, int? side, int channels, BadImages bad, Session? session)
    {
        ImageFit fit = side is { } pixels ? new ImageFit.CentralSquare(pixels) : new ImageFit.Unchanged();
        var loading = new ImageLoading(Split.Train, fit, ImageLoading.DefaultMemory)
        {
            Bad = bad,
            Channels = channels == 1 ? ImageChannels.Grey : ImageChannels.Colour,
            Advice = "--skip-bad skips those that cannot",
            Remembered = CacheFolder.Default["images"],
            Progress = session is null ? null : new LookLines(session),
            Stopping = session?.Stopping ?? CancellationToken.None,
        };
        var isArchive = place.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);
        var images = isArchive ? ImageArchive.Open(place, loading) : ImageFolder.Open(place, loading);
        var (shape, description) = (images.Provenance.Shape, images.Provenance.Description);
        var count = images.Provenance.Count == 1 ? "1 image, for which there is no FID," : $"{images.Provenance.Count} images";
        var left = description.LeftOut == "" ? "" : $" {description.LeftOut}.";
        return new(images, null, $"Data: {count} of {shape} from {place}; {description.LabelSource}.{left}");
    }
}
