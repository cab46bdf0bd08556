namespace Diffusion.Model.Formats.Tensors;

/// <summary>An array of several dimensions in managed memory.</summary>
/// <param name="Shape">Its sizes.</param>
/// <param name="Values">Its elements in row-major order.</param>
/// <typeparam name="T">A number type or bool.</typeparam>
public readonly record struct NdArray<T>(TensorShape Shape, T[] Values)
    where T : unmanaged
{
    /// <summary>An array of one dimension.</summary>
    public static NdArray<T> Vector(params T[] values) => new(TensorShape.Of(values.LongLength), values);

    /// <summary>The same elements in column-major order of the same shape.</summary>
    internal T[] ToColumnMajor() => Reorder(Values, [.. Shape.Reverse()]);

    /// <summary>The array whose elements in column-major order are <paramref name="values"/>.</summary>
    internal static NdArray<T> FromColumnMajor(TensorShape shape, T[] values) => new(shape, Reorder(values, [.. shape]));

    // The result is filled with the last index fastest; in the source the first one runs fastest.
    private static T[] Reorder(T[] source, ReadOnlySpan<long> sizes)
    {
        var result = new T[source.Length];
        Span<long> index = stackalloc long[sizes.Length];
        index.Clear();
        for (long target = 0, from = 0; target < result.Length; target++)
        {
            result[target] = source[from];
            long stride = source.Length;
            for (var dimension = sizes.Length - 1; dimension >= 0; dimension--)
            {
                stride /= sizes[dimension];
                from += stride;
                if (++index[dimension] < sizes[dimension])
                    break;
                from -= stride * sizes[dimension];
                index[dimension] = 0;
            }
        }
        return result;
    }
}
