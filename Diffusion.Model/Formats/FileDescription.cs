using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;

namespace Diffusion.Model.Formats;

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
/// <param name="Format">The kind of file, told from its content, not from its name.</param>
/// <param name="ByteCount">Its size in bytes.</param>
/// <param name="Tensors">Its tensors, in its order.</param>
/// <param name="Notes">The plain values beside them, in its order.</param>
public sealed record FileDescription(
    FileFormat Format, long ByteCount, Sequence<TensorDescription> Tensors, Sequence<NoteDescription> Notes)
{
    /// <summary>Number of elements of all tensors: of a network's weights, the parameters and buffers.</summary>
    public long ElementCount => Tensors.Sum(tensor => tensor.Shape.Elements);

    /// <summary>Describes the file at <paramref name="path"/>.</summary>
    /// <exception cref="InvalidFileException">It is of none of the formats, or damaged.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileDescription Of(string path)
    {
        using var file = FileBytes.Map(path);
        return Of(file);
    }

    /// <summary>Describes a file given by its bytes, which stay open.</summary>
    /// <exception cref="InvalidFileException">It is of none of the formats, or damaged.</exception>
    public static FileDescription Of(FileBytes file) => FormatOf(file) switch
    {
        FileFormat.Safetensors => new SafetensorsFile(file).Description,
        FileFormat.Npy => new NpyFile(file).Description,
        FileFormat.Npz => new NpzFile(file).Description,
        _ => new TorchPickleFile(file).Description,
    };

    /// <summary>The format of a file, told from the first bytes and, in a zip file, from the names in it.</summary>
    /// <exception cref="InvalidFileException">It is of none of the formats.</exception>
    public static FileFormat FormatOf(FileBytes file)
    {
        const byte PickleProtocol = 0x80;
        var start = file.Slice(0, (int)Min(file.Length, SafetensorsHeader.Prefix + 1), "the beginning");
        return start switch
        {
            [(byte)'P', (byte)'K', ..] => TorchZip.Holds(file) ? FileFormat.TorchPickle : FileFormat.Npz,
            [0x93, (byte)'N', ..] => FileFormat.Npy,
            [.., (byte)'{'] when start.Length > SafetensorsHeader.Prefix => FileFormat.Safetensors,
            [PickleProtocol, ..] => FileFormat.TorchPickle,
            _ => throw file.Invalid(0, "this is neither safetensors nor npy nor npz nor a file of PyTorch"),
        };
    }
}
