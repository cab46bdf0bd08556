using Diffusion.Model.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

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
/// <param name="Shape">The shape.</param>
public sealed record PlainPreparation(ImageShape Shape) : IPicturePreparation
{
    /// <inheritdoc/>
    public string Name => $"none ({Shape})";

    /// <inheritdoc/>
    public Tensor Prepare(Tensor bytes, ScalarType type)
    {
        if (bytes.dim() != 4 || bytes.shape is not [_, var channels, var height, var width]
            || (channels, height, width) != (Shape.Channels, Shape.Height, Shape.Width))
            throw new ArgumentException($"Pictures of {Shape} are needed; these are [{string.Join(", ", bytes.shape)}].", nameof(bytes));
        using var scope = NewDisposeScope();
        return Pixels.ToNumbers(bytes).to(type).MoveToOuterDisposeScope();
    }
}
