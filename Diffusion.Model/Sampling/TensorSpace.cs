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
        // No limit at all is a number that float32 has not.
        var ceiling = Min(quantile.Ceiling, float.MaxValue);
        var bound = torch.quantile(samples.abs(), fraction, dim: 1, keepdim: true).clamp(Number.One, Number.Of(ceiling));
        return (samples.clamp(-bound, bound) / bound).view_as(vector).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>Sums and products are computed in float64, and each sample's weights on the CPU.</remarks>
    public Tensor Weigh(ReadOnlySpan<Tensor> vectors, SampleRule rule)
    {
        using var scope = NewDisposeScope();
        var (all, first, count) = (vectors.ToArray(), vectors[0], (int)vectors[0].shape[0]);
        var rows = stack([.. all.Select(vector => vector.flatten(1))], 1).to(float64);
        double[] sums = [.. rows.sum(2).cpu().data<double>()];
        double[] products = [.. rows.matmul(rows.transpose(1, 2)).contiguous().cpu().data<double>()];
        var (size, square) = (all.Length, all.Length * all.Length);
        var weights = new double[size, count];
        for (var sample = 0; sample < count; sample++)
            foreach (var (index, weight) in rule.WeightsOf(new(
                (int)rows.shape[2], [.. sums.AsSpan(sample * size, size)], [.. products.AsSpan(sample * square, square)])).Index())
                weights[index, sample] = weight;
        var factors = tensor(weights).to(first.dtype).to(first.device);
        long[] alone = [count, .. Enumerable.Repeat(1L, first.shape.Length - 1)];
        var sum = all[0].mul(factors[0].view(alone));
        for (var index = 1; index < size; index++)
            sum.add_(all[index].mul(factors[index].view(alone)), Number.One);
        return sum.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Modulate(Tensor vector, Tensor fraction, LogRange range)
    {
        using var scope = NewDisposeScope();
        return (vector * fraction.Times(range.AtOne - range.AtZero).Plus(range.AtZero).exp()).MoveToOuterDisposeScope();
    }
}
