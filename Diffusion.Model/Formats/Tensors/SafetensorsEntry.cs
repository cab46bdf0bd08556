namespace Diffusion.Model.Formats.Tensors;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">The name, unique in the file.</param>
/// <param name="Type">What its elements are.</param>
/// <param name="Shape">Its sizes; the data are in row-major order.</param>
/// <param name="Offset">Where in the file its data begin, in bytes.</param>
public sealed record SafetensorsEntry(string Name, ElementType Type, TensorShape Shape, long Offset)
{
    /// <summary>Number of bytes of its data.</summary>
    public long ByteCount => Shape.Elements * Type.Size;
}
