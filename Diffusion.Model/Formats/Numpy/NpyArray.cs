using System.Runtime.InteropServices;
using Diffusion.Model.Formats.Tensors;
using TorchSharp;

namespace Diffusion.Model.Formats.Numpy;

/// <summary>An array to be written in NumPy's format: a tensor or a managed array, in an order of elements.</summary>
public abstract record NpyArray
{
    private NpyArray(ElementType type, TensorShape shape, NpyOrder order) => Header = new NpyHeader(type, shape, order);

    internal NpyHeader Header { get; }

    /// <summary>A tensor, in row-major order.</summary>
    /// <exception cref="ArgumentException">NumPy has no such element type.</exception>
    public static NpyArray Of(torch.Tensor tensor) => Of(tensor, NpyOrder.C);

    /// <summary>A tensor, in the order given.</summary>
    /// <exception cref="ArgumentException">NumPy has no such element type.</exception>
    public static NpyArray Of(torch.Tensor tensor, NpyOrder order) => new OfTensor(tensor, order);

    /// <summary>A managed array, in row-major order.</summary>
    /// <exception cref="ArgumentException">The shape does not fit, or NumPy has no such element type.</exception>
    public static NpyArray Of<T>(NdArray<T> array)
        where T : unmanaged => Of(array, NpyOrder.C);

    /// <summary>A managed array, in the order given.</summary>
    /// <exception cref="ArgumentException">The shape does not fit, or NumPy has no such element type.</exception>
    public static NpyArray Of<T>(NdArray<T> array, NpyOrder order)
        where T : unmanaged => new OfManaged<T>(array, order);

    internal void WriteTo(Stream stream)
    {
        stream.Write(Header.ToBytes());
        WriteElements(stream);
    }

    private protected abstract void WriteElements(Stream stream);

    private sealed record OfTensor(torch.Tensor Tensor, NpyOrder Order)
        : NpyArray(ElementType.Of(Tensor.dtype), TensorShape.Of(Tensor.shape), Order)
    {
        private protected override void WriteElements(Stream stream)
        {
            using var scope = torch.NewDisposeScope();
            TensorBytes.Read(Order == NpyOrder.C ? Tensor : Tensor.permute(Header.Shape.ReversedAxes()), stream.Write);
        }
    }

    private sealed record OfManaged<T>(NdArray<T> Array, NpyOrder Order) : NpyArray(ElementType.Of<T>(), Fitting(Array), Order)
        where T : unmanaged
    {
        private const int Piece = 1 << 20;

        private protected override void WriteElements(Stream stream)
        {
            var values = Order == NpyOrder.C ? Array.Values : Array.ToColumnMajor();
            for (var first = 0; first < values.Length; first += Piece)
                stream.Write(MemoryMarshal.AsBytes(values.AsSpan(first, Min(Piece, values.Length - first))));
        }

        private static TensorShape Fitting(NdArray<T> array) => array.Shape.Elements == array.Values.LongLength
            ? array.Shape
            : throw new ArgumentException($"{array.Values.LongLength} values do not fill the shape {array.Shape}.", nameof(array));
    }
}
