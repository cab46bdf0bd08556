using System.Runtime.InteropServices;
using Diffusion.Math.Evaluation;
using Diffusion.Model.Runtime;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>Many feature vectors as one tensor. It owns the tensor.</summary>
/// <remarks>Kept in the type given, usually float32; multiplied in float64, so that near distances do not cancel.</remarks>
public sealed class FeatureVectors : IFeatures<FeatureVectors>, IDisposable
{
    private readonly Tensor _values;

    /// <summary>Takes over a tensor.</summary>
    /// <param name="values">[N, dimension], any floating type, on any device.</param>
    /// <exception cref="ArgumentException">The tensor is no matrix.</exception>
    public FeatureVectors(Tensor values)
    {
        if (values.dim() != 2)
            throw new ArgumentException($"Features are [N, dimension]; these are [{string.Join(", ", values.shape)}].", nameof(values));
        _values = values.DetachFromDisposeScope();
        // Asked for in inner loops, where a call into the tensor library each time would be most of the work.
        (Count, Dimension) = ((int)values.shape[0], (int)values.shape[1]);
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <inheritdoc/>
    public FeatureVectors Pick(ReadOnlySpan<int> indices)
    {
        using var scope = NewDisposeScope();
        var chosen = empty(indices.Length, int32);
        MemoryMarshal.AsBytes(indices).CopyTo(chosen.bytes);
        return new(_values.index_select(0, chosen.to(_values.device)));
    }

    /// <inheritdoc/>
    public void Products(int first, FeatureVectors others, Span<double> products)
    {
        ArgumentNullException.ThrowIfNull(others);
        using var scope = NewDisposeScope();
        Copy(Rows(first, products.Length / others.Count).matmul(others.Rows(0, others.Count).mT), products);
    }

    /// <inheritdoc/>
    public void SquaredDistances(int first, FeatureVectors others, Span<double> distances)
    {
        ArgumentNullException.ThrowIfNull(others);
        using var scope = NewDisposeScope();
        var (rows, columns) = (Rows(first, distances.Length / others.Count), others.Rows(0, others.Count));
        var products = rows.matmul(columns.mT);
        var squares = rows.Squared().sum(1, keepdim: true).Plus(columns.Squared().sum(1));
        // Of a vector and its copy, rounding can leave less than nothing.
        Copy(squares.sub_(products.mul_(Number.Of(2))).clamp_min_(Number.Of(0)), distances);
    }

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();

    private Tensor Rows(int first, int count) => _values.narrow(0, first, count).to(float64);

    private static void Copy(Tensor source, Span<double> destination) =>
        MemoryMarshal.Cast<byte, double>(source.cpu().contiguous().bytes).CopyTo(destination);
}
