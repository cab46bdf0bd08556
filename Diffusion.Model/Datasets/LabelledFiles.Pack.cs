using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

internal sealed partial class LabelledFiles
{
    // Bytes of decoded images that wait to be written.
    private const long Waiting = 1 << 24;

    /// <summary>Decodes every image once, in order, and hands them on; only a few are in memory at a time.</summary>
    /// <param name="files">The files; closed at the end.</param>
    /// <param name="loading">How they become images of one shape.</param>
    /// <param name="writer">Receives the training images, or all where there are no parts, and the test images.</param>
    /// <exception cref="InputException">There is no image, or one cannot be read, decoded or fitted.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static void Pack(IImageFiles files, ImageLoading loading, PackWriter writer)
    {
        using (files)
            foreach (var split in HasTest(files) ? new[] { Split.Train, Split.Test } : [Split.Train])
            {
                var (part, own) = (new LabelledFiles(files, loading with { Split = split }), loading with { Split = split });
                writer.Add(part.Shape, write => part.Give(own, write));
            }
    }

    private static bool HasTest(IImageFiles files)
    {
        try
        {
            return ChosenFiles.Of(files, new(Split.Test, new Images.ImageFit.Unchanged())).Images.Length > 0;
        }
        catch (InputException)
        {
            return false;
        }
    }

    private (DataDescription Description, int[] Labels) Give(ImageLoading loading, PackWriter.Pixels write)
    {
        var (all, bad, size) = (_chosen.Images, new List<BadImage>(), (int)Shape.Size);
        var buffer = new byte[(int)Clamp(Waiting / size, 1, all.Length) * size];
        for (int first = 0, count; first < all.Length; first += count)
        {
            var (from, some) = (first, all[first..Min(first + buffer.Length / size, all.Length)]);
            count = some.Length;
            var refused = ImageLook.Run(some, loading with { Progress = new Onward(loading.Progress, first, all.Length) },
                index => Decode(from + index, buffer.AsSpan(index * size, size)));
            bad.AddRange(refused);
            // Where it will end with a refusal, the others are only looked at.
            if (bad.Count == 0)
                write(buffer.AsSpan(0, count * size));
            else if (loading.Bad == BadImages.Skipped)
                foreach (var index in Enumerable.Range(0, count).Where(index => refused.All(image => image.Name != some[index].Name)))
                    write(buffer.AsSpan(index * size, size));
        }
        RefuseBad([.. bad], loading);
        return Count > 0 ? (Description(loading, Seen), Labels)
            : throw new InputException(_files.Place, "no image that can be decoded", ImageEntry.Expected);
    }

    // The progress of a few images as that of all.
    private sealed record Onward(IProgress<ImagesLooked>? All, int Before, int Total) : IProgress<ImagesLooked>
    {
        public void Report(ImagesLooked value) => All?.Report(new(Before + value.Done, Total));
    }
}
