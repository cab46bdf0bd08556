using Diffusion.Host.Studio.Web;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;
using TorchSharp;

namespace Diffusion.Host.Studio.Pages;

/// <summary>The small sample of a data set that the program carries, as bytes.</summary>
/// <param name="Set">The data set.</param>
/// <param name="Bytes">All images, one after the other, each C×H×W.</param>
/// <param name="Labels">The class of each.</param>
internal sealed record EmbeddedImages(Dataset Set, byte[] Bytes, Sequence<long> Labels)
{
    private static readonly Dictionary<string, Lazy<EmbeddedImages>> Known =
        Dataset.All.Where(set => set.Embedded is not null).ToDictionary(set => set.Name, set => new Lazy<EmbeddedImages>(() => Read(set)));

    /// <summary>The names of the sets of which there is one.</summary>
    public static Sequence<string> Names => Known.Keys.ToSequence();

    /// <summary>The shape of an image.</summary>
    public ImageShape Shape => Set.Shape;

    /// <summary>How many images.</summary>
    public int Count => Labels.Count;

    /// <summary>That of a set. Reads it when it is asked for the first time, with tensors.</summary>
    /// <exception cref="RefusedException">There is none of that name.</exception>
    public static EmbeddedImages Of(string name) => Known.TryGetValue(name, out var images) ? images.Value
        : throw new RefusedException(400, $"set: one of {string.Join(", ", Names)}");

    /// <summary>One image.</summary>
    /// <returns>float32 [1, C, H, W] in [−1, 1].</returns>
    public torch.Tensor ImageOf(int number)
    {
        var size = Shape.Channels * Shape.Height * Shape.Width;
        using var bytes = Pixels.FromBytes(Bytes.AsSpan(number * size, size), 1, Shape.Channels, Shape.Height, Shape.Width);
        return Pixels.ToNumbers(bytes);
    }

    private static EmbeddedImages Read(Dataset set)
    {
        using var sample = set.Sample(Split.Train);
        return new(set, sample.Images.bytes.ToArray(), Sequence.Generate(sample.Count, image => sample.LabelOf(image)));
    }
}
