using System.Runtime.InteropServices;
using Diffusion.Math.Evaluation;
using Diffusion.Math.Numerics;
using Diffusion.Math.Values;
using Diffusion.Model.Runtime;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>
/// Folds feature vectors into mean and scatter as they come, in float64 and in memory that does not grow with their number.
/// </summary>
/// <remarks>The in-place counterpart of <see cref="FeatureStatistics.Merge"/>. Chan, Golub and LeVeque 1979, Eq. 2.1.</remarks>
public sealed class FeatureAccumulator : IDisposable
{
    private readonly Tensor _mean;
    private readonly Tensor _scatter;

    /// <summary>Nothing folded in yet.</summary>
    /// <param name="dimension">Length of a feature vector, at least 1.</param>
    public FeatureAccumulator(long dimension)
    {
        _mean = zeros(Require.AtLeast(dimension, 1), float64).DetachFromDisposeScope();
        _scatter = zeros(dimension, dimension, float64).DetachFromDisposeScope();
    }

    /// <summary>Vectors folded in.</summary>
    public long Count { get; private set; }

    /// <summary>Folds in a batch.</summary>
    /// <param name="features">[N, dimension], any floating type, on any device.</param>
    /// <exception cref="NotFiniteNumberException">Some feature is NaN or infinite.</exception>
    public void Add(Tensor features)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var batch = features.to(CPU).to(float64);
        var n = batch.shape[0];
        if (n == 0)
            return;
        var mean = batch.mean([0]);
        if (!mean.isfinite().all().item<bool>())
            throw new NotFiniteNumberException(
                $"Of {batch.numel()} feature values, {(~batch.isfinite()).sum().item<long>()} are not finite.");
        var centred = batch - mean;
        var apart = mean - _mean;
        _scatter.addmm_(centred.mT, centred, 1, 1);
        _mean.add_(apart.Times((double)n / (Count + n)), Number.One);
        // The weight goes into the vectors: as a factor of addr_ it would be rounded to float32.
        apart.mul_(Number.Of(Sqrt((double)Count * n / (Count + n))));
        _scatter.addr_(apart, apart);
        Count += n;
    }

    /// <summary>What has been folded in so far.</summary>
    public FeatureStatistics ToStatistics() => FeatureStatistics.Of(
        Count, Numbers(_mean), SymmetricMatrix.Of((int)_mean.shape[0], Numbers(_scatter)));

    /// <inheritdoc/>
    public void Dispose()
    {
        _mean.Dispose();
        _scatter.Dispose();
    }

    private static ReadOnlySpan<double> Numbers(Tensor tensor) => MemoryMarshal.Cast<byte, double>(tensor.bytes);
}
