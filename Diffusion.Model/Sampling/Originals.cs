using Diffusion.Math.Plans;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Sampling;

/// <summary>Real images to be edited, and which part of them stays. Sample number k edits image k modulo their number.</summary>
/// <remarks>The tensors stay the caller's.</remarks>
public sealed class Originals
{
    /// <summary>Images that are nowhere kept by a mask.</summary>
    /// <param name="images">float32 [n, C, H, W] in [−1, 1], n at least 1.</param>
    /// <exception cref="ArgumentException">The tensor has another shape.</exception>
    public Originals(Tensor images)
    {
        if (images.dim() != 4 || images.shape[0] == 0)
            throw new ArgumentException($"[{string.Join(", ", images.shape)}] is no batch of images.", nameof(images));
        Images = images;
    }

    /// <summary>float32 [n, C, H, W] in [−1, 1].</summary>
    public Tensor Images { get; }

    /// <summary>bool [H, W], true where the images are made anew; null where a plan has no known part.</summary>
    /// <exception cref="ArgumentException">It is no mask of the images' height and width.</exception>
    public Tensor? Hidden
    {
        get;
        init => field = value is null || (value.dtype == ScalarType.Bool && value.shape.SequenceEqual(Images.shape[2..]))
            ? value
            : throw new ArgumentException($"{value.dtype} [{string.Join(", ", value.shape)}] is no mask of these images.", nameof(value));
    }

    /// <summary>What consecutive samples edit.</summary>
    internal IOriginal<Tensor> Of(long first, long count, Device device)
    {
        var chosen = Number.Range(first, first + count, int64, CPU).remainder(Number.Of(Images.shape[0])).to(Images.device);
        return new Part(Images.index_select(0, chosen).to(device), Hidden?.to(device));
    }

    private sealed record Part(Tensor Image, Tensor? Hidden) : IOriginal<Tensor>
    {
        public Tensor Restore(Tensor known, Tensor made) => where(
            Hidden ?? throw new InvalidOperationException("The plan keeps a part of the original, and no mask says which."), made, known);
    }
}
