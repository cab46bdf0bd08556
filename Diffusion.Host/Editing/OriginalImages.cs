using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using TorchSharp;

namespace Diffusion.Host.Editing;

/// <summary>Real images, read to be shown or edited.</summary>
/// <param name="Images">float32 [n, C, H, W] in [−1, 1], on the CPU.</param>
/// <param name="Labels">The class of each image.</param>
/// <param name="Name">What to call them.</param>
public sealed record OriginalImages(torch.Tensor Images, Sequence<long> Labels, string Name) : IDisposable
{
    /// <summary>Reads images at their own size; those from files at the size asked for.</summary>
    /// <param name="session">Who is talked to.</param>
    /// <param name="request">Which images.</param>
    /// <param name="size">Height and width that images from files are cut and scaled to.</param>
    /// <exception cref="InputException">They are not there or damaged, or fewer than asked for.</exception>
    public static OriginalImages Read(Session session, OriginalRequest request, ImageSize size) =>
        Read(session, request, size, ImageChannels.Colour);

    private static OriginalImages Read(Session session, OriginalRequest request, ImageSize size, ImageChannels channels)
    {
        using var opened = Open(session, request, size, channels);
        using var scope = torch.NewDisposeScope();
        var chosen = Chosen(opened.Source, request);
        var (pixels, labels) = opened.Source.Select(chosen);
        var numbers = Pixels.ToNumbers(pixels).cpu().MoveToOuterDisposeScope();
        return new(numbers, labels.cpu().data<long>().ToSequence(), opened.Name);
    }

    /// <summary>Reads images in the shape that a model makes.</summary>
    /// <exception cref="InputException">They are not there or damaged, fewer than asked for, or of another size.</exception>
    public static OriginalImages Read(Session session, OriginalRequest request, ImageShape shape)
    {
        // A model without alpha sees transparency over white, and a pack may have other channels than the model.
        var kept = shape.Channels == 4 && !ImagePack.IsAt(request.Place.Word) ? ImageChannels.ColourAndAlpha : ImageChannels.Colour;
        var read = Read(session, request, new(shape.Height, shape.Width), kept);
        var (channels, height, width) = (read.Images.shape[1], read.Images.shape[2], read.Images.shape[3]);
        if ((height, width) == (shape.Height, shape.Width))
            return read with { Images = Recoloured(read.Images, shape.Channels) };
        read.Dispose();
        throw new InputException(
            request.Place.ToString(), $"images of {width}×{height}", $"{shape.Width}×{shape.Height} as the model makes");
    }

    /// <summary>How many; at least 1.</summary>
    public int Count => Labels.Count;

    /// <inheritdoc/>
    public void Dispose() => Images.Dispose();

    private static torch.Tensor Recoloured(torch.Tensor images, int channels)
    {
        if (images.shape[1] == channels)
            return images;
        using var scope = torch.NewDisposeScope();
        using var whole = images;
        var colours = whole.shape[1] == 4 ? Pixels.ToNumbers(Pixels.OverWhite(Pixels.ToBytes(whole))) : whole.expand(-1, 3, -1, -1);
        var recoloured = channels switch
        {
            1 => Pixels.Brightness(colours),
            4 => torch.cat([colours, torch.ones_like(colours.narrow(1, 0, 1))], 1),
            _ => colours.contiguous(),
        };
        return recoloured.MoveToOuterDisposeScope();
    }

    private static EvaluationInput.OfOneSize Open(Session session, OriginalRequest request, ImageSize size, ImageChannels channels)
    {
        var (place, path) = (request.Place, request.Place.Word);
        var loading = new ImageLoading(place.Split, new ImageFit.CentralCrop(size.Height, size.Width), ImageLoading.DefaultMemory)
        {
            Channels = channels,
        };
        if (place.Dataset is null && Directory.Exists(path) && Dataset.In(path, place.Split) is null)
            return new(ImageFolder.Open(path, loading), path);
        if (place.Dataset is null && File.Exists(path) && !path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase))
            return new(ImageArchive.IsNamed(path) || ImagePack.IsAt(path)
                ? ImageSources.Open(path, loading) : ImageFile.Open(path, loading), path);
        var opened = new PlaceOpener(session, new() { Data = request.Data, Downloads = request.Downloads }, torch.CPU)
            .Open(place, ImageSizes.One);
        if (opened is EvaluationInput.OfOneSize images)
            return images;
        opened.Dispose();
        throw new InputException(path, opened is EvaluationInput.OfModel ? "a trained model" : "statistics of images", "images");
    }

    // Of labelled sets whose images are at hand one image of each class in turn; of others as they come.
    private static int[] Chosen(IImageSource source, OriginalRequest request)
    {
        var (total, wanted) = (source.Provenance.Count, (long)request.Skip + (request.Count ?? 1));
        if (wanted > total)
            throw new InputException(
                request.Place.ToString(), Counted.Of(total, "image"), $"at least {wanted}");
        IEnumerable<int> order = Enumerable.Range(0, total);
        if (source is ImageSet or PackedImages)
        {
            var labels = order.Select(source.LabelOf).ToArray();
            var turns = new Dictionary<long, int>();
            var turn = labels.Select(label => turns[label] = turns.GetValueOrDefault(label) + 1).ToArray();
            order = order.OrderBy(index => turn[index]).ThenBy(index => labels[index]);
        }
        return [.. order.Skip(request.Skip).Take(request.Count ?? request.Usual)];
    }
}
