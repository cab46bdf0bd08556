using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Sampling;

/// <summary>Plans over tensors of any one shape [N, …], floating type and device. Results belong to the caller's dispose scope.</summary>
public sealed class TensorSpace : IVectorSpace<Tensor>
{
    /// <inheritdoc/>
    public Tensor Combine(ReadOnlySpan<Weighted<Tensor>> terms)
    {
        var sum = terms[0].Vector.mul(terms[0].Weight);
        foreach (var (weight, vector) in terms[1..])
            sum.add_(vector, alpha: weight);
        return sum;
    }

    /// <inheritdoc/>
    public Tensor Clip(Tensor vector, double bound) => vector.clamp(-bound, bound);

    /// <inheritdoc/>
    public Tensor Threshold(Tensor vector, Quantile quantile)
    {
        using var scope = NewDisposeScope();
        var samples = vector.flatten(1);
        var fraction = tensor(quantile.Fraction, samples.dtype, samples.device);
        var bound = torch.quantile(samples.abs(), fraction, dim: 1, keepdim: true).clamp(1, quantile.Ceiling);
        return (samples.clamp(-bound, bound) / bound).view_as(vector).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Modulate(Tensor vector, Tensor fraction, LogRange range)
    {
        using var scope = NewDisposeScope();
        return (vector * (fraction * (range.AtOne - range.AtZero) + range.AtZero).exp()).MoveToOuterDisposeScope();
    }
}
