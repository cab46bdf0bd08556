using TorchSharp;

namespace Diffusion.Specs.Files;

/// <summary>What a generator draws to make a tensor: any type a tensor can have here, a small shape, and bits from a seed.</summary>
public sealed record StoredTensor(torch.ScalarType Type, long[] Shape, int Seed)
{
    private static readonly torch.ScalarType[] Types =
    [
        torch.ScalarType.Bool, torch.ScalarType.Byte, torch.ScalarType.Int8, torch.ScalarType.Int16, torch.ScalarType.Int32,
        torch.ScalarType.Int64, torch.ScalarType.Float16, torch.ScalarType.BFloat16, torch.ScalarType.Float32, torch.ScalarType.Float64,
    ];

    public static Gen<StoredTensor> Generator =>
        from type in Gen.Elements(Types)
        from rank in Gen.Choose(0, 4)
        from shape in Gen.ArrayOf(Gen.Choose(0, 5).Select(size => (long)size), rank)
        from seed in Gen.Choose(0, int.MaxValue)
        select new StoredTensor(type, shape, seed);

    /// <summary>The tensor: every bit pattern that its type allows, NaNs and infinities among them.</summary>
    public torch.Tensor Make()
    {
        var tensor = torch.empty(Shape, Type);
        if (tensor.numel() == 0)
            return tensor;
        var bits = tensor.bytes;
        new Random(Seed).NextBytes(bits);
        if (Type == torch.ScalarType.Bool)
            for (var index = 0; index < bits.Length; index++)
                bits[index] &= 1;
        return tensor;
    }

    public override string ToString() => $"{Type} [{string.Join(", ", Shape)}] seed {Seed}";

    /// <summary>Type, shape and every bit the same.</summary>
    public static bool Same(torch.Tensor a, torch.Tensor b) =>
        a.dtype == b.dtype && a.shape.SequenceEqual(b.shape)
        && (a.numel() == 0 || a.contiguous().bytes.SequenceEqual(b.contiguous().bytes));
}
