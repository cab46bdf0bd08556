using Diffusion.Model.Formats.Tensors;

namespace Diffusion.Model.Formats.Numpy;

/// <summary>How NumPy names the element types: byte order, kind and size.</summary>
internal static class NpyCodes
{
    // NumPy has no bfloat16.
    private static readonly (string Code, ElementType Type)[] Table =
    [
        ("|b1", ElementType.Bool), ("|u1", ElementType.UInt8), ("|i1", ElementType.Int8),
        ("<i2", ElementType.Int16), ("<u2", ElementType.UInt16), ("<f2", ElementType.Float16),
        ("<i4", ElementType.Int32), ("<u4", ElementType.UInt32), ("<f4", ElementType.Float32),
        ("<i8", ElementType.Int64), ("<u8", ElementType.UInt64), ("<f8", ElementType.Float64),
    ];

    /// <summary>All codes, for messages.</summary>
    public static string All { get; } = string.Join(", ", Table.Select(row => row.Code));

    /// <summary>The type that a code means, or null.</summary>
    public static ElementType? Parse(string code) => Table.FirstOrDefault(row => row.Code == code).Type;

    /// <summary>The code of a type.</summary>
    /// <exception cref="ArgumentException">NumPy has no such type.</exception>
    public static string Of(ElementType type) =>
        Table.FirstOrDefault(row => row.Type == type).Code ?? throw new ArgumentException($"NumPy has no {type}.", nameof(type));
}
