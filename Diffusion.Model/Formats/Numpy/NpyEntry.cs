using System.Runtime.InteropServices;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;
using TorchSharp;

namespace Diffusion.Model.Formats.Numpy;

/// <summary>One array in an open <c>.npy</c> or <c>.npz</c> file: a checked header; elements are read when asked for.</summary>
public sealed class NpyEntry
{
    // What an entry takes in memory besides its header's text.
    private const int EntryCost = 600;
    private const int CostPerHeaderByte = 4;

    private const int Piece = 1 << 20;

    private readonly NpySource _source;
    private readonly NpyHeader _header;
    private readonly long _headerLength;

    internal NpyEntry(string name, NpySource source, ReadBudget budget)
    {
        (Name, _source) = (name, source);
        using (var stream = source.Open())
            (_header, _headerLength) = NpyHeader.Read(stream, source.Invalid);
        budget.Charge(EntryCost + CostPerHeaderByte * _headerLength, 0);
        var elements = source.Length - _headerLength;
        if (elements / Type.Size != Shape.Elements || elements % Type.Size != 0)
            throw source.Invalid(_headerLength, $"{elements} bytes follow the header, but {Shape.Elements} times {Type.Size} are needed");
        // Reordering takes a second copy. Only deflated entries can exceed the budget: a thousand bytes may come from one.
        budget.Charge(Shape.Elements, Type.LoadedSize * (Order == NpyOrder.C ? 1 : 2), 0);
    }

    /// <summary>The name within the <c>.npz</c> file, without ending; empty in an <c>.npy</c> file.</summary>
    public string Name { get; }

    /// <summary>What the elements are.</summary>
    public ElementType Type => _header.Type;

    /// <summary>The sizes.</summary>
    public TensorShape Shape => _header.Shape;

    /// <summary>In which order the file keeps the elements.</summary>
    public NpyOrder Order => _header.Order;

    /// <summary>A copy of the array, on the CPU; one in Fortran order has the strides of that order.</summary>
    /// <exception cref="InvalidFileException">The data are damaged, or hold a value that the tensor's type cannot.</exception>
    public torch.Tensor Load()
    {
        using var scope = torch.NewDisposeScope();
        using var elements = OpenElements();
        var stored = Order == NpyOrder.C ? Shape : Shape.Reversed();
        var tensor = TensorBytes.Load(
            Type, stored, (memory, _) => elements.ReadExactly(memory), reason => _source.Invalid(_headerLength, reason));
        return (Order == NpyOrder.C ? tensor : tensor.permute(Shape.ReversedAxes())).MoveToOuterDisposeScope();
    }

    /// <summary>A copy of the array in managed memory.</summary>
    /// <typeparam name="T">The very type of the file's elements: there is no conversion.</typeparam>
    /// <exception cref="InvalidFileException">The elements are of another type, or damaged.</exception>
    public NdArray<T> Read<T>()
        where T : unmanaged
    {
        if (Type != ElementType.Of<T>())
            throw _source.Invalid(_headerLength, $"the elements are {Type}, but {ElementType.Of<T>()} is needed");
        if (Shape.Elements > Array.MaxLength)
            throw _source.Invalid(_headerLength, $"{Shape.Elements} elements do not fit into one array");
        var values = new T[Shape.Elements];
        using var elements = OpenElements();
        for (var first = 0; first < values.Length; first += Piece)
            elements.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(first, Min(Piece, values.Length - first))));
        if (Type == ElementType.Bool && MemoryMarshal.AsBytes(values.AsSpan()).ContainsAnyExceptInRange<byte>(0, 1))
            throw _source.Invalid(_headerLength, "a bool is neither 0 nor 1");
        return Order == NpyOrder.C ? new(Shape, values) : NdArray<T>.FromColumnMajor(Shape, values);
    }

    // Read past the header rather than seek: the checksum covers it, too.
    private Stream OpenElements()
    {
        var stream = _source.Open();
        stream.ReadExactly(new byte[_headerLength]);
        return stream;
    }
}
