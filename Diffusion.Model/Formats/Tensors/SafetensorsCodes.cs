namespace Diffusion.Model.Formats.Tensors;

/// <summary>How safetensors names the element types.</summary>
internal static class SafetensorsCodes
{
    // In the order of the format's own library, which writes the types of wide alignment first.
    private static readonly (string Code, ElementType Type)[] Table =
    [
        ("BOOL", ElementType.Bool), ("U8", ElementType.UInt8), ("I8", ElementType.Int8),
        ("I16", ElementType.Int16), ("U16", ElementType.UInt16), ("F16", ElementType.Float16), ("BF16", ElementType.BFloat16),
        ("I32", ElementType.Int32), ("U32", ElementType.UInt32), ("F32", ElementType.Float32),
        ("F64", ElementType.Float64), ("I64", ElementType.Int64), ("U64", ElementType.UInt64),
    ];

    /// <summary>All codes, for messages.</summary>
    public static string All { get; } = string.Join(", ", Table.Select(row => row.Code));

    /// <summary>The type that a code means, or null.</summary>
    public static ElementType? Parse(ReadOnlySpan<char> code)
    {
        foreach (var row in Table)
            if (code.SequenceEqual(row.Code))
                return row.Type;
        return null;
    }

    /// <summary>The code of a type.</summary>
    public static string Of(ElementType type) => Table[Rank(type)].Code;

    /// <summary>The place of a type in the order in which tensors are written, last first.</summary>
    public static int Rank(ElementType type) => Array.FindIndex(Table, row => row.Type == type);
}
