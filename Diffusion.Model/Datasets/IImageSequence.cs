using Diffusion.Model.Files;
using Diffusion.Model.Images;
using static TorchSharp.torch;

namespace Diffusion.Model.Datasets;

/// <summary>Images in a fixed order that a feature network is shown once; they need not have one size.</summary>
public interface IImageSequence
{
    /// <summary>How many.</summary>
    int Count { get; }

    /// <summary>The digits of <see cref="ImageDigest"/> where they are known without reading the images; else null.</summary>
    string? PixelsSha256 => null;

    /// <summary>The shape of an image as it is stored, known before any pixel is decoded.</summary>
    ImageShape ShapeOf(int index);

    /// <summary>Fetches neighbouring images; any thread may ask.</summary>
    /// <param name="first">Number of the first.</param>
    /// <param name="count">How many.</param>
    /// <param name="reading">How image files are decoded.</param>
    /// <returns>Bytes [n, C, H, W], all images in order, as many of one shape together as fits; the caller disposes them.</returns>
    /// <exception cref="InputException">A file cannot be read or decoded.</exception>
    IReadOnlyList<Tensor> Read(int first, int count, ImageReading reading);
}

/// <summary>What is common to all sequences of images.</summary>
public static class ImageSequences
{
    // A batch of large photographs is cut where its bytes would count more than the network's own memory.
    private const long MostBytes = 1 << 27;

    /// <summary>How many images from one on are best read at once: as many as asked for, unless they are large.</summary>
    /// <param name="images">The images.</param>
    /// <param name="first">Number of the first.</param>
    /// <param name="most">How many at most; at least 1.</param>
    public static int BatchFrom(this IImageSequence images, int first, int most)
    {
        var (count, bytes) = (1, images.ShapeOf(first).Size);
        while (count < most && first + count < images.Count && (bytes += images.ShapeOf(first + count).Size) <= MostBytes)
            count++;
        return count;
    }

    /// <summary>Images of one shape as a sequence.</summary>
    /// <param name="source">The images; not owned.</param>
    public static IImageSequence AsSequence(this IImageSource source) => new OfSource(source);

    private sealed record OfSource(IImageSource Source) : IImageSequence
    {
        public int Count => Source.Provenance.Count;

        public string? PixelsSha256 => Source.Provenance.PixelsSha256;

        public ImageShape ShapeOf(int index) => Source.Provenance.Shape;

        public IReadOnlyList<Tensor> Read(int first, int count, ImageReading reading)
        {
            var (bytes, labels) = Source.Select([.. Enumerable.Range(first, count)]);
            labels.Dispose();
            return [bytes];
        }
    }
}
