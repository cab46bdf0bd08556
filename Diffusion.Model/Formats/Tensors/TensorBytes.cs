using Diffusion.Model.Files;
using TorchSharp;

namespace Diffusion.Model.Formats.Tensors;

/// <summary>Moves elements between files and tensors as bytes, in pieces, since a span ends at 2 GiB and a tensor need not.</summary>
internal static class TensorBytes
{
    // Elements: small enough that a piece in another type takes little memory beside the tensor.
    private const long Piece = 1 << 20;

    /// <summary>A part of a tensor's memory to be filled with the bytes that begin at <paramref name="offset"/> of its data.</summary>
    public delegate void Fill(Span<byte> memory, long offset);

    /// <summary>A part of a tensor's memory to be read.</summary>
    public delegate void Drain(ReadOnlySpan<byte> memory);

    /// <summary>A new tensor of the type and shape, filled in row-major order.</summary>
    /// <exception cref="InvalidFileException">From <paramref name="invalid"/>: a value that no tensor of the type can hold.</exception>
    public static torch.Tensor Load(ElementType type, TensorShape shape, Fill fill, Func<string, InvalidFileException> invalid)
    {
        using var scope = torch.NewDisposeScope();
        var tensor = torch.empty(shape.ToArray(), type.Loaded);
        Visit(tensor, (piece, first) =>
        {
            if (type == ElementType.UInt16 || type == ElementType.UInt32)
                FillWider(piece, type, first * type.Size, fill);
            else
                fill(piece.bytes, first * type.Size);
            if (type == ElementType.Bool && piece.bytes.ContainsAnyExceptInRange<byte>(0, 1))
                throw invalid("a bool is neither 0 nor 1");
            if (type == ElementType.UInt64 && piece.lt(0).any().item<bool>())
                throw invalid("a uint64 of 2^63 or more does not fit into an int64 tensor");
        });
        return tensor.MoveToOuterDisposeScope();
    }

    /// <summary>Fills a tensor in row-major order, wherever it lives and however it is strided.</summary>
    public static void Write(torch.Tensor tensor, Fill fill)
    {
        using var gradients = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var direct = tensor.device_type == DeviceType.CPU && tensor.is_contiguous();
        var target = direct ? tensor.detach() : torch.empty(tensor.shape, tensor.dtype);
        Visit(target, (piece, first) => fill(piece.bytes, first * target.ElementSize));
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
            using var scope = torch.NewDisposeScope();
            visit(flat.narrow(0, first, Min(Piece, elements - first)), first);
        }
    }

    // The signed type of the same size has the right bits; the next wider one has room for the value.
    private static void FillWider(torch.Tensor piece, ElementType type, long offset, Fill fill)
    {
        var stored = torch.empty(piece.numel(), type == ElementType.UInt16 ? torch.ScalarType.Int16 : torch.ScalarType.Int32);
        fill(stored.bytes, offset);
        piece.copy_(stored).bitwise_and_((1L << (8 * type.Size)) - 1);
    }
}
