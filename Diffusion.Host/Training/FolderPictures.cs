using Diffusion.Host.Downloads;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Host.Training;

/// <summary>A person's own pictures: a folder of image files, or a zip archive of them.</summary>
public static class FolderPictures
{
    /// <summary>Opens the part called <c>train</c> where there is one, else everything.</summary>
    /// <param name="place">The folder or the archive.</param>
    /// <param name="side">Height and width that pictures are cut and scaled to, or null where they have one size.</param>
    /// <exception cref="InputException">There are no pictures, or one cannot be read.</exception>
    public static LocatedData Open(string place, int? side)
    {
        ImageFit fit = side is { } pixels ? new ImageFit.CentralSquare(pixels) : new ImageFit.Unchanged();
        var loading = new ImageLoading(Split.Train, fit, ImageLoading.DefaultMemory);
        var isArchive = place.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);
        var pictures = isArchive ? ImageArchive.Open(place, loading) : ImageFolder.Open(place, loading);
        return new(pictures, null, $"Data: {pictures.Provenance.Count} pictures of {pictures.Provenance.Shape} from {place}.");
    }
}
