using Diffusion.Math.Values;

namespace Diffusion.Model.Formats.Tensors;

/// <summary>The kinds of files with tensors that can be read here.</summary>
public enum FileFormat
{
    /// <summary>Named tensors with a JSON header.</summary>
    Safetensors,

    /// <summary>One array of NumPy.</summary>
    Npy,

    /// <summary>A zip file of NumPy's arrays.</summary>
    Npz,

    /// <summary>A file of <c>torch.save</c>, in either container.</summary>
    TorchPickle,
}

/// <summary>What one tensor in a file is.</summary>
/// <param name="Name">Its name; in a tree of dictionaries and lists, the keys and numbers on the way to it, separated by dots.</param>
/// <param name="Type">What its elements are.</param>
/// <param name="Shape">Its sizes.</param>
public sealed record TensorDescription(string Name, ElementType Type, TensorShape Shape);

/// <summary>A plain value beside the tensors.</summary>
/// <param name="Name">Its name, as that of a tensor.</param>
/// <param name="Text">The value, for people.</param>
public sealed record NoteDescription(string Name, string Text);

/// <summary>What a file holds, without its data.</summary>
/// <param name="Format">The kind of file, recognised by its content, not from its name.</param>
/// <param name="ByteCount">Its size in bytes.</param>
/// <param name="Tensors">Its tensors, in its order.</param>
/// <param name="Notes">The plain values beside them, in its order.</param>
public sealed record FileDescription(
    FileFormat Format, long ByteCount, Sequence<TensorDescription> Tensors, Sequence<NoteDescription> Notes)
{
    /// <summary>Number of elements of all tensors: of a network's weights, the parameters and buffers.</summary>
    public long ElementCount => Tensors.Sum(tensor => tensor.Shape.Elements);
}
