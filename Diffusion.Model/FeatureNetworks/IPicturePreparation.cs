using Diffusion.Model.Images;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>Makes pictures ready for a feature network.</summary>
public interface IPicturePreparation
{
    /// <summary>The name that goes into the provenance of every number.</summary>
    string Name { get; }

    /// <summary>Numbers of the network's size and range.</summary>
    /// <param name="bytes">uint8 [N, C, H, W].</param>
    /// <param name="type">float32 or float64.</param>
    /// <exception cref="ArgumentException">The pictures are not of a kind that can be prepared.</exception>
    Tensor Prepare(Tensor bytes, ScalarType type);
}

/// <summary>Pictures of one shape only, not resized: byte/127.5 - 1.</summary>
/// <param name="Shape">The shape. Where it has one channel, pictures of three equal channels are grey pictures too.</param>
public sealed record PlainPreparation(ImageShape Shape) : IPicturePreparation
{
    /// <inheritdoc/>
    public string Name => $"none ({Shape})";

    /// <inheritdoc/>
    public Tensor Prepare(Tensor bytes, ScalarType type)
    {
        using var scope = NewDisposeScope();
        if (bytes.dim() != 4 || (bytes.shape[2], bytes.shape[3]) != (Shape.Height, Shape.Width) || Channels(bytes) is not { } channels)
            throw new ArgumentException($"Pictures of {Shape} are needed; these are [{string.Join(", ", bytes.shape)}].", nameof(bytes));
        return Pixels.ToNumbers(channels).to(type).MoveToOuterDisposeScope();
    }

    // Image files of grey pictures are decoded to three channels.
    private Tensor? Channels(Tensor bytes) =>
        bytes.shape[1] == Shape.Channels ? bytes
        : (Shape.Channels, bytes.shape[1]) == (1, 3) && bytes.narrow(1, 0, 1).eq(bytes).all().item<bool>() ? bytes.narrow(1, 0, 1)
        : null;
}
