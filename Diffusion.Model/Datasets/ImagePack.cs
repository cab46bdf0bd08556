using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>Packs: images that were decoded, cut and scaled once, in one file, of which training keeps none in memory.</summary>
/// <remarks>Batches are those of the same images in memory, to the bit. The file is described at <c>PackFormat</c>.</remarks>
public static class ImagePack
{
    /// <summary>What a pack is called.</summary>
    public const string Extension = ".pack";

    /// <summary>Whether a path is a file that is called like a pack, or begins like one.</summary>
    public static bool IsAt(string path)
    {
        if (!File.Exists(path) || OrdinaryFile.Other(path) is not null)
            return false;
        if (Path.GetExtension(path).Equals(Extension, StringComparison.OrdinalIgnoreCase))
            return true;
        try
        {
            using var file = File.OpenRead(path);
            Span<byte> beginning = stackalloc byte[PackFormat.Magic.Length];
            return file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false) == beginning.Length
                && beginning.SequenceEqual(PackFormat.Magic);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            // Whoever reads it will say so.
            return false;
        }
    }

    /// <summary>What a pack holds. No image is read.</summary>
    /// <returns>Of each part what it is, the training images first.</returns>
    /// <exception cref="InputException">It is no pack, or its index is damaged.</exception>
    public static Sequence<Provenance> Describe(string path)
    {
        var index = IndexOf(path);
        return index.Parts.Select(part => part.ProvenanceOf(path, index.Shape)).ToSequence();
    }

    /// <summary>Opens a part of a pack.</summary>
    /// <param name="path">The file.</param>
    /// <param name="loading">Which part; and the size and channels that are wanted, which the images must have.</param>
    /// <exception cref="InputException">It is no pack, or damaged; it lacks the part; or its images are of another size.</exception>
    public static IImageSource Open(string path, ImageLoading loading)
    {
        var index = IndexOf(path);
        var (channels, height, width) = index.Shape;
        if (loading.Fit is ImageFit.CentralCrop wanted && (wanted.Height, wanted.Width) != (height, width))
            throw new InputException(path, $"a pack of {height}×{width} images", $"one of {wanted.Height}×{wanted.Width}: "
                + "--size of this command, or of data pack, makes them agree");
        if (loading.Channels == ImageChannels.Grey && channels != 1)
            throw new InputException(path, "a pack of images in colour", "a grey one: data pack has --channels grey");
        if (loading.Channels == ImageChannels.ColourAndAlpha && channels != 4)
            throw new InputException(path, "a pack of images without alpha", "one with alpha: data pack has --channels rgba");
        return index.Parts.FirstOrDefault(part => part.Description.Split == loading.Split) is { } found
            ? PackedImages.Open(path, index, found)
            : throw new InputException(path, "a pack without test images", "its training images, without :test");
    }

    /// <summary>Opens all parts of a pack.</summary>
    /// <exception cref="InputException">It is no pack, or damaged.</exception>
    public static TrainingData OpenAll(string path)
    {
        var index = IndexOf(path);
        var train = PackedImages.Open(path, index, index.Parts[0]);
        try
        {
            return new(train, index.Parts is [_, var test] ? PackedImages.Open(path, index, test) : null);
        }
        catch
        {
            train.Dispose();
            throw;
        }
    }

    /// <summary>Packs a folder of image files or an archive of one: its parts <c>train</c> and <c>test</c>, where it has them.</summary>
    /// <param name="path">The pack; the old one, if any, is replaced when the new one is whole.</param>
    /// <param name="place">The folder or archive.</param>
    /// <param name="loading">How the files become images of one shape. Every file is read once.</param>
    /// <exception cref="InputException">There is no image, or one cannot be read, decoded or fitted.</exception>
    /// <exception cref="OutputException">The pack cannot be written; then there is none.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; then there is none.</exception>
    public static void Write(string path, string place, ImageLoading loading) =>
        Write(path, writer => LabelledFiles.Pack(ImageSources.FilesOf(place), loading, writer));

    /// <summary>Packs images that are open already.</summary>
    /// <param name="path">The pack; the old one, if any, is replaced when the new one is whole.</param>
    /// <param name="data">The images; not owned.</param>
    /// <param name="progress">Called with how many images of a part were written.</param>
    /// <param name="stopping">Ends it early.</param>
    /// <exception cref="InputException">An image cannot be read.</exception>
    /// <exception cref="OutputException">The pack cannot be written; then there is none.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; then there is none.</exception>
    public static void Write(
        string path, TrainingData data, IProgress<ImagesLooked>? progress = null, CancellationToken stopping = default) =>
        Write(path, writer =>
        {
            foreach (var source in new[] { data.Train, data.Test }.OfType<IImageSource>())
                writer.Add(source.Provenance.Shape, write => Copied(source, write, progress, stopping));
        });

    private static PackIndex IndexOf(string path) => InputFile.Reading(path, () =>
    {
        try
        {
            using var file = FileBytes.Map(path);
            var beginning = file.Slice(0, (int)Min(file.Length, FileKind.Looked), "the beginning");
            return FileKind.OtherThanArrays(file.Length, beginning) is { } other
                ? throw new InputException(path, other, "a pack that data pack made") : PackIndex.Read(file);
        }
        catch (InvalidFileException damage)
        {
            throw new InputException(path, damage.Message, "a pack that data pack made", damage);
        }
    });

    private static void Write(string path, Action<PackWriter> write)
    {
        // A pack that was nearly whole may be larger than what is left of the disk.
        AtomicFile.RemoveLeftOvers(path);
        AtomicFile.Write(path, stream =>
        {
            using var writer = new PackWriter(path, stream);
            write(writer);
            writer.Complete();
        });
    }

    private static (DataDescription Description, int[] Labels) Copied(
        IImageSource source, PackWriter.Pixels write, IProgress<ImagesLooked>? progress, CancellationToken stopping)
    {
        const long AtOnce = 1 << 22;
        var all = source.Provenance;
        var several = (int)Clamp(AtOnce / all.Shape.Size, 1, all.Count);
        for (var first = 0; first < all.Count; first += several)
        {
            stopping.ThrowIfCancellationRequested();
            var (pixels, labels) = source.Select([.. Enumerable.Range(first, Min(several, all.Count - first))]);
            using (pixels)
            using (labels)
                write(pixels.bytes);
            progress?.Report(new(Min(first + several, all.Count), all.Count));
        }
        return (all.Description, [.. Enumerable.Range(0, all.Count).Select(index => (int)source.LabelOf(index))]);
    }
}
