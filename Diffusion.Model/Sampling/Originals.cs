using Diffusion.Math.Plans;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Sampling;

/// <summary>Real pictures to be edited, and which part of them stays. Sample number k edits picture k modulo their number.</summary>
/// <remarks>The tensors stay the caller's.</remarks>
public sealed class Originals
{
    /// <summary>Pictures that are nowhere kept by a mask.</summary>
    /// <param name="pictures">float32 [n, C, H, W] in [−1, 1], n at least 1.</param>
    /// <exception cref="ArgumentException">The tensor has another shape.</exception>
    public Originals(Tensor pictures)
    {
        if (pictures.dim() != 4 || pictures.shape[0] == 0)
            throw new ArgumentException($"[{string.Join(", ", pictures.shape)}] is no batch of pictures.", nameof(pictures));
        Pictures = pictures;
    }

    /// <summary>float32 [n, C, H, W] in [−1, 1].</summary>
    public Tensor Pictures { get; }

    /// <summary>bool [H, W], true where the pictures are made anew; null where a plan has no known part.</summary>
    /// <exception cref="ArgumentException">It is no mask of the pictures' height and width.</exception>
    public Tensor? Hidden
    {
        get;
        init => field = value is null || (value.dtype == ScalarType.Bool && value.shape.SequenceEqual(Pictures.shape[2..]))
            ? value
            : throw new ArgumentException($"{value.dtype} [{string.Join(", ", value.shape)}] is no mask of these pictures.", nameof(value));
    }

    /// <summary>What consecutive samples edit.</summary>
    internal IOriginal<Tensor> Of(long first, long count, Device device)
    {
        var chosen = Number.Range(first, first + count, int64, CPU).remainder(Number.Of(Pictures.shape[0])).to(Pictures.device);
        return new Part(Pictures.index_select(0, chosen).to(device), Hidden?.to(device));
    }

    private sealed record Part(Tensor Image, Tensor? Hidden) : IOriginal<Tensor>
    {
        public Tensor Restore(Tensor known, Tensor made) => where(
            Hidden ?? throw new InvalidOperationException("The plan keeps a part of the original, and no mask says which."), made, known);
    }
}
