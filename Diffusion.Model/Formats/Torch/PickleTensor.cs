using Diffusion.Math.Values;
using Diffusion.Model.Formats.Tensors;

namespace Diffusion.Model.Formats.Torch;

/// <summary>A tensor in a PyTorch file: a window into a storage, which other tensors may share.</summary>
/// <param name="Storage">The storage.</param>
/// <param name="Shape">The sizes.</param>
/// <param name="Strides">For each dimension, how many elements of the storage lie between neighbours; 0 or more.</param>
/// <param name="Offset">The place of the first element in the storage, in elements.</param>
public sealed record PickleTensor(PickleStorage Storage, TensorShape Shape, Sequence<long> Strides, long Offset)
{
    /// <summary>What the elements are.</summary>
    public ElementType Type => Storage.Type;

    /// <summary>Whether it is an <c>nn.Parameter</c>.</summary>
    public bool IsParameter { get; init; }

    /// <summary>Whether it asks for gradients.</summary>
    public bool RequiresGradient { get; init; }

    /// <summary>The strides of elements that follow each other in row-major order.</summary>
    internal static Sequence<long> RowMajor(TensorShape shape)
    {
        var strides = new long[shape.Count];
        var step = 1L;
        for (var dimension = shape.Count - 1; dimension >= 0; step *= Max(shape[dimension], 1), dimension--)
            strides[dimension] = step;
        return [.. strides];
    }

    /// <summary>Whether every element lies within the storage.</summary>
    internal bool FitsStorage()
    {
        if (Offset < 0 || Strides.Count != Shape.Count || Strides.Any(stride => stride < 0))
            return false;
        if (Shape.Elements == 0)
            return Offset <= Storage.Elements;
        // How far the last element may be from the first; divide rather than multiply, since products may overflow.
        var room = Storage.Elements - 1 - Offset;
        for (var dimension = 0; dimension < Shape.Count && room >= 0; dimension++)
        {
            var steps = Shape[dimension] - 1;
            if (steps > 0 && Strides[dimension] > room / steps)
                return false;
            room -= steps * Strides[dimension];
        }
        return room >= 0;
    }
}

/// <summary>A run of elements in a PyTorch file.</summary>
/// <param name="Key">Its name within the file.</param>
/// <param name="Type">What the elements are.</param>
/// <param name="Elements">How many there are.</param>
public sealed record PickleStorage(string Key, ElementType Type, long Elements) : IPickleItem
{
    /// <summary>Number of bytes.</summary>
    public long ByteCount => Elements * Type.Size;
}
