using TorchSharp;

namespace Diffusion.Model.Files;

/// <summary>Moves elements between files and tensors as bytes, in pieces, since a span ends at 2 GiB and a tensor need not.</summary>
internal static class TensorBytes
{
    private const long Piece = 1 << 26;

    /// <summary>A part of a tensor's memory to be filled from the bytes at <paramref name="offset"/> of its data.</summary>
    public delegate void Fill(Span<byte> memory, long offset);

    /// <summary>A part of a tensor's memory to be read.</summary>
    public delegate void Drain(ReadOnlySpan<byte> memory);

    /// <summary>A new tensor of the type and shape, filled in row-major order.</summary>
    /// <exception cref="InvalidFileException">From <paramref name="invalid"/>: an unsigned value that no tensor can hold.</exception>
    public static torch.Tensor Load(ElementType type, TensorShape shape, Fill fill, Func<string, InvalidFileException> invalid)
    {
        using var scope = torch.NewDisposeScope();
        var stored = torch.empty(shape.ToArray(), Stored(type));
        Write(stored, fill);
        if (type == ElementType.UInt64 && stored.lt(0).any().item<bool>())
            throw invalid("a uint64 of 2^63 or more does not fit into an int64 tensor");
        return Widen(type, stored).MoveToOuterDisposeScope();
    }

    /// <summary>Fills a tensor in row-major order, wherever it lives and however it is strided.</summary>
    public static void Write(torch.Tensor tensor, Fill fill)
    {
        using var gradients = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var direct = tensor.device_type == DeviceType.CPU && tensor.is_contiguous();
        var target = direct ? tensor.detach() : torch.empty(tensor.shape, tensor.dtype);
        Visit(target, (piece, offset) => fill(piece.bytes, offset));
        if (!direct)
            tensor.copy_(target);
    }

    /// <summary>Reads a tensor in row-major order, wherever it lives and however it is strided.</summary>
    public static void Read(torch.Tensor tensor, Drain drain)
    {
        using var scope = torch.NewDisposeScope();
        Visit(tensor.detach().cpu().contiguous(), (piece, _) => drain(piece.bytes));
    }

    private static void Visit(torch.Tensor contiguous, Action<torch.Tensor, long> visit)
    {
        var flat = contiguous.view(-1);
        var elements = flat.numel();
        for (long first = 0; first < elements; first += Piece)
        {
            using var piece = flat.narrow(0, first, Min(Piece, elements - first));
            visit(piece, first * flat.ElementSize);
        }
    }

    private static torch.ScalarType Stored(ElementType type) =>
        type == ElementType.UInt16 ? torch.ScalarType.Int16 : type == ElementType.UInt32 ? torch.ScalarType.Int32 : type.Loaded;

    // The signed type of the same size has the right bits; the next wider one has room for the value.
    private static torch.Tensor Widen(ElementType type, torch.Tensor stored) =>
        stored.dtype == type.Loaded ? stored : stored.to(type.Loaded).bitwise_and_((1L << (8 * type.Size)) - 1);
}
