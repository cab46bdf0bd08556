using TorchSharp;

namespace Diffusion.Model.Formats.Tensors;

/// <summary>What one element of a stored tensor is. A closed set: the types that all the file formats here share.</summary>
public sealed record ElementType
{
    private ElementType(string name, int size, torch.ScalarType loaded, Type? managed) =>
        (Name, Size, Loaded, Managed) = (name, size, loaded, managed);

    /// <summary>One byte, 0 or 1.</summary>
    public static ElementType Bool { get; } = new("bool", 1, torch.ScalarType.Bool, typeof(bool));

    /// <summary>Unsigned, 8 bits.</summary>
    public static ElementType UInt8 { get; } = new("uint8", 1, torch.ScalarType.Byte, typeof(byte));

    /// <summary>Signed, 8 bits.</summary>
    public static ElementType Int8 { get; } = new("int8", 1, torch.ScalarType.Int8, typeof(sbyte));

    /// <summary>Signed, 16 bits.</summary>
    public static ElementType Int16 { get; } = new("int16", 2, torch.ScalarType.Int16, typeof(short));

    /// <summary>Unsigned, 16 bits.</summary>
    public static ElementType UInt16 { get; } = new("uint16", 2, torch.ScalarType.Int32, typeof(ushort));

    /// <summary>IEEE half precision.</summary>
    public static ElementType Float16 { get; } = new("float16", 2, torch.ScalarType.Float16, typeof(Half));

    /// <summary>The upper half of a float32.</summary>
    public static ElementType BFloat16 { get; } = new("bfloat16", 2, torch.ScalarType.BFloat16, null);

    /// <summary>Signed, 32 bits.</summary>
    public static ElementType Int32 { get; } = new("int32", 4, torch.ScalarType.Int32, typeof(int));

    /// <summary>Unsigned, 32 bits.</summary>
    public static ElementType UInt32 { get; } = new("uint32", 4, torch.ScalarType.Int64, typeof(uint));

    /// <summary>IEEE single precision.</summary>
    public static ElementType Float32 { get; } = new("float32", 4, torch.ScalarType.Float32, typeof(float));

    /// <summary>IEEE double precision.</summary>
    public static ElementType Float64 { get; } = new("float64", 8, torch.ScalarType.Float64, typeof(double));

    /// <summary>Signed, 64 bits.</summary>
    public static ElementType Int64 { get; } = new("int64", 8, torch.ScalarType.Int64, typeof(long));

    /// <summary>Unsigned, 64 bits.</summary>
    public static ElementType UInt64 { get; } = new("uint64", 8, torch.ScalarType.Int64, typeof(ulong));

    /// <summary>Every type.</summary>
    public static IReadOnlyList<ElementType> All { get; } =
        [Bool, UInt8, Int8, Int16, UInt16, Float16, BFloat16, Int32, UInt32, Float32, Float64, Int64, UInt64];

    /// <summary>The name PyTorch and NumPy use, such as <c>float32</c>.</summary>
    public string Name { get; }

    /// <summary>Bytes per element.</summary>
    public int Size { get; }

    /// <summary>The type a loaded tensor has: the same, but for the unsigned types of 16 bits and more, which tensors here do not know
    /// and which are loaded as the signed type that holds their values.</summary>
    public torch.ScalarType Loaded { get; }

    /// <summary>Bytes per element of a loaded tensor.</summary>
    public int LoadedSize => this == UInt16 || this == UInt32 ? 2 * Size : Size;

    /// <summary>The type of managed arrays with the same bytes; none for bfloat16.</summary>
    public Type? Managed { get; }

    /// <summary>Whether a loaded tensor has the very bytes of the file.</summary>
    public bool LoadsAsStored => this != UInt16 && this != UInt32 && this != UInt64;

    /// <summary>The type that stores tensors of <paramref name="type"/>.</summary>
    /// <exception cref="ArgumentException">Complex and quantised tensors are not stored.</exception>
    public static ElementType Of(torch.ScalarType type) =>
        All.FirstOrDefault(candidate => candidate.LoadsAsStored && candidate.Loaded == type)
        ?? throw new ArgumentException($"Tensors of type {type} cannot be stored.", nameof(type));

    /// <summary>The type that stores managed arrays of <typeparamref name="T"/>.</summary>
    /// <exception cref="ArgumentException">Arrays of that type are not stored.</exception>
    public static ElementType Of<T>()
        where T : unmanaged =>
        All.FirstOrDefault(candidate => candidate.Managed == typeof(T))
        ?? throw new ArgumentException($"Arrays of {typeof(T).Name} cannot be stored.", nameof(T));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
