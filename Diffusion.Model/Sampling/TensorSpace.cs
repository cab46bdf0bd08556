using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Search;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Sampling;

/// <summary>Plans over tensors of any one shape [N, …], floating type and device. Results belong to the caller's dispose scope.</summary>
public sealed class TensorSpace : IInnerProducts<Tensor>
{
    /// <inheritdoc/>
    public Tensor Combine(ReadOnlySpan<Weighted<Tensor>> terms)
    {
        var sum = terms[0].Vector.Times(terms[0].Weight);
        foreach (var (weight, vector) in terms[1..])
            sum.add_(vector, alpha: Number.Of(weight));
        return sum;
    }

    /// <inheritdoc/>
    /// <remarks>Products are rounded as the tensors are, their sums are not.</remarks>
    public double[] Inner(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        return (left * right).flatten(1).sum(1, type: float64).cpu().data<double>().ToArray();
    }

    /// <inheritdoc/>
    public Tensor Clip(Tensor vector, double bound) => vector.clamp(Number.Of(-bound), Number.Of(bound));

    /// <inheritdoc/>
    public Tensor Threshold(Tensor vector, Quantile quantile)
    {
        using var scope = NewDisposeScope();
        var samples = vector.flatten(1);
        var fraction = tensor(quantile.Fraction, samples.dtype, samples.device);
        var bound = torch.quantile(samples.abs(), fraction, dim: 1, keepdim: true).clamp(Number.One, Number.Of(quantile.Ceiling));
        return (samples.clamp(-bound, bound) / bound).view_as(vector).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Modulate(Tensor vector, Tensor fraction, LogRange range)
    {
        using var scope = NewDisposeScope();
        return (vector * fraction.Times(range.AtOne - range.AtZero).Plus(range.AtZero).exp()).MoveToOuterDisposeScope();
    }
}
