using Diffusion.Model.Images;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>Makes images ready for a feature network.</summary>
public interface IImagePreparation
{
    /// <summary>The name that goes into the provenance of every number.</summary>
    string Name { get; }

    /// <summary>How image files are decoded for it.</summary>
    ImageReading Reading { get; }

    /// <summary>The only shape of images that it takes; null where it resizes.</summary>
    ImageShape? Images { get; }

    /// <summary>Numbers of the network's size and range.</summary>
    /// <param name="bytes">uint8 [N, C, H, W].</param>
    /// <param name="type">float32 or float64.</param>
    /// <exception cref="ArgumentException">The images are not of a kind that can be prepared.</exception>
    Tensor Prepare(Tensor bytes, ScalarType type);
}

/// <summary>Images of one shape only, not resized: byte/127.5 - 1.</summary>
/// <param name="Shape">
/// The shape. Where it has one channel, images of three are taken by their brightness, which leaves grey ones as they are.
/// </param>
public sealed record PlainPreparation(ImageShape Shape) : IImagePreparation
{
    /// <inheritdoc/>
    public string Name => $"none ({Shape})";

    /// <inheritdoc/>
    public ImageReading Reading => ImageReading.AsSeen;

    /// <inheritdoc/>
    public ImageShape? Images => Shape;

    /// <inheritdoc/>
    public Tensor Prepare(Tensor bytes, ScalarType type)
    {
        using var scope = NewDisposeScope();
        if (bytes.dim() != 4 || (bytes.shape[2], bytes.shape[3]) != (Shape.Height, Shape.Width) || Channels(bytes) is not { } channels)
            throw new ArgumentException($"Images of {Shape} are needed; these are [{string.Join(", ", bytes.shape)}].", nameof(bytes));
        return Pixels.ToNumbers(channels).to(type).MoveToOuterDisposeScope();
    }

    // Image files of grey images are decoded to three channels, and a model of them makes three that are nearly equal.
    private Tensor? Channels(Tensor bytes) =>
        bytes.shape[1] == Shape.Channels ? bytes : (Shape.Channels, bytes.shape[1]) == (1, 3) ? Pixels.Brightness(bytes) : null;
}
