using Diffusion.Model.Files;
using TorchSharp;

namespace Diffusion.Model.Datasets;

/// <summary>Labelled images of one shape that can be fetched by number, wherever they are kept.</summary>
public interface IImageSource : IDisposable
{
    /// <summary>What the images are.</summary>
    Provenance Provenance { get; }

    /// <summary>The label of an image by its number, without fetching the image.</summary>
    /// <param name="index">In [0, Count).</param>
    long LabelOf(int index);

    /// <summary>Fetches images by number, in the order asked for; a number may come more than once.</summary>
    /// <param name="indices">Numbers in [0, Count).</param>
    /// <returns>Bytes [n, C, H, W] and int64 labels [n]; the caller disposes both.</returns>
    /// <exception cref="InputException">A file that is read on demand cannot be read or decoded.</exception>
    (torch.Tensor Pixels, torch.Tensor Labels) Select(ReadOnlySpan<int> indices);
}

/// <summary>What is common to all image sources.</summary>
public static class ImageSources
{
    /// <summary>Opens what holds images at a path: a folder of image files, an archive of one, or a pack.</summary>
    /// <param name="place">The path.</param>
    /// <param name="loading">How the files become images of one shape; a pack's have theirs.</param>
    /// <exception cref="InputException">There are no images, or one cannot be read.</exception>
    public static IImageSource Open(string place, ImageLoading loading) => ImagePack.IsAt(place)
        ? ImagePack.Open(place, loading) : LabelledFiles.Open(FilesOf(place), loading);

    /// <summary>The image files of a folder or an archive.</summary>
    /// <exception cref="InputException">It is neither.</exception>
    internal static IImageFiles FilesOf(string place) => !File.Exists(place) ? ImageFolder.FilesOf(place)
        : ImageArchive.IsNamed(place) ? ImageArchive.FilesOf(place)
        : throw new InputException(place, "a file",
            $"a folder of images, or an archive of one that ends in {ImageArchive.Endings}, or a {ImagePack.Extension} made by data pack");

    /// <summary>Some of the images, held in memory: evenly spaced, as they may be in the order of their classes.</summary>
    /// <param name="source">The images; not owned.</param>
    /// <param name="count">How many; at least 1, at most all.</param>
    public static ImageSet Spread(this IImageSource source, int count)
    {
        var all = source.Provenance;
        using var scope = torch.NewDisposeScope();
        var (pixels, labels) = source.Select([.. Enumerable.Range(0, count).Select(index => (int)((long)index * all.Count / count))]);
        return ImageSet.Of(all.Description, all.Shape, pixels.bytes, labels.to(torch.ScalarType.Byte).bytes);
    }
}
