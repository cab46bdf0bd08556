using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>
/// Identifies images by what can be seen of them: equal digits mean equal pixels in equal order, wherever they were kept.
/// </summary>
public static class ImageHash
{
    private const int Batch = 256;

    /// <summary>64 hexadecimal digits over the shape and the pixels of all images; labels and names do not count.</summary>
    /// <exception cref="InputException">An image cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static string Of(IImageSource images, CancellationToken stopping) => Of(images.AsSequence(), ImageReading.AsSeen, stopping);

    /// <summary>64 hexadecimal digits over the shapes and the pixels of all images, as they are read.</summary>
    /// <inheritdoc cref="Of(IImageSource, CancellationToken)"/>
    public static string Of(IImageSequence images, ImageReading reading, CancellationToken stopping)
    {
        if (images.PixelsSha256 is { } known)
            return known;
        ImageDigest? digest = null;
        try
        {
            for (int first = 0, batch; first < images.Count; first += batch)
            {
                stopping.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                batch = images.BatchFrom(first, Batch);
                foreach (var bytes in images.Read(first, batch, reading))
                {
                    digest ??= new(new((int)bytes.shape[1], (int)bytes.shape[2], (int)bytes.shape[3]));
                    digest.Add(bytes);
                }
            }
            return digest?.Sha256 ?? throw new ArgumentException("There are no images.", nameof(images));
        }
        finally
        {
            digest?.Dispose();
        }
    }
}
