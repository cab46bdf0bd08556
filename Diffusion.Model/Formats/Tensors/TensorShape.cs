using System.Collections;

namespace Diffusion.Model.Formats.Tensors;

/// <summary>The sizes of a tensor's dimensions; equal when they are equal. At most <see cref="MaximumRank"/> of them.</summary>
public sealed class TensorShape : IReadOnlyList<long>, IEquatable<TensorShape>
{
    /// <summary>The most dimensions that tensor libraries agree on.</summary>
    public const int MaximumRank = 64;

    private readonly long[] _sizes;

    private TensorShape(long[] sizes, long elements) => (_sizes, Elements) = (sizes, elements);

    /// <summary>Number of elements: the product of the sizes, 1 for a scalar.</summary>
    public long Elements { get; }

    /// <summary>Number of dimensions.</summary>
    public int Count => _sizes.Length;

    /// <summary>The size of one dimension.</summary>
    public long this[int dimension] => _sizes[dimension];

    /// <summary>The shape with these sizes.</summary>
    /// <exception cref="ArgumentException">A size is negative, there are too many, or their product overflows.</exception>
    public static TensorShape Of(params ReadOnlySpan<long> sizes) =>
        TryOf(sizes) ?? throw new ArgumentException($"[{string.Join(", ", sizes.ToArray())}] is not the shape of a tensor.", nameof(sizes));

    /// <summary>The shape with these sizes, or null where a size is negative, there are too many, or their product overflows.</summary>
    /// <remarks>The product of the sizes other than 0 must fit into 62 bits, so that strides can be computed, too.</remarks>
    public static TensorShape? TryOf(ReadOnlySpan<long> sizes)
    {
        if (sizes.Length > MaximumRank)
            return null;
        long product = 1;
        var empty = false;
        foreach (var size in sizes)
        {
            if (size < 0 || size > (1L << 62) / product)
                return null;
            empty |= size == 0;
            product *= Max(size, 1);
        }
        return new TensorShape(sizes.ToArray(), empty ? 0 : product);
    }

    /// <summary>The sizes, as tensors take them.</summary>
    public long[] ToArray() => [.. _sizes];

    /// <summary>The sizes in the opposite order.</summary>
    internal TensorShape Reversed() => new([.. _sizes.Reverse()], Elements);

    /// <summary>The dimensions from the last to the first.</summary>
    internal long[] ReversedAxes() => [.. Enumerable.Range(0, Count).Select(axis => Count - 1L - axis)];

    /// <inheritdoc/>
    public IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)_sizes).GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(TensorShape? other) => other is not null && _sizes.AsSpan().SequenceEqual(other._sizes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TensorShape);

    /// <inheritdoc/>
    public override int GetHashCode() => _sizes.Aggregate(_sizes.Length, HashCode.Combine);

    /// <summary>Such as <c>[32, 3, 3, 3]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", _sizes)}]";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
