using Diffusion.Model.Files;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;

namespace Diffusion.Model.Formats;

/// <summary>Tells the formats of files with tensors apart, by content, and describes what such a file holds.</summary>
public static class FileFormats
{
    /// <summary>Describes the file at <paramref name="path"/>.</summary>
    /// <exception cref="InvalidFileException">It is of none of the formats, or damaged.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileDescription Describe(string path)
    {
        using var file = FileBytes.Map(path);
        return Describe(file);
    }

    /// <summary>Describes a file given by its bytes, which stay open.</summary>
    /// <exception cref="InvalidFileException">It is of none of the formats, or damaged.</exception>
    public static FileDescription Describe(FileBytes file) => Of(file) switch
    {
        FileFormat.Safetensors => new SafetensorsFile(file).Description,
        FileFormat.Npy => new NpyFile(file).Description,
        FileFormat.Npz => new NpzFile(file, new ReadBudget(file, long.MaxValue)).Description,
        _ => new TorchPickleFile(file).Description,
    };

    /// <summary>The format of a file, recognised by the first bytes and, in a zip file, from the names in it.</summary>
    /// <exception cref="InvalidFileException">It is of none of the formats.</exception>
    public static FileFormat Of(FileBytes file) =>
        Find(file) ?? throw file.Invalid(0, "this is neither safetensors nor npy nor npz nor a file of PyTorch");

    /// <summary>The same; null where it is of none of the formats.</summary>
    public static FileFormat? Find(FileBytes file)
    {
        const byte PickleProtocol = 0x80;
        var start = file.Slice(0, (int)Min(file.Length, SafetensorsHeader.Prefix + 1), "the beginning");
        return start switch
        {
            [(byte)'P', (byte)'K', ..] => TorchZip.Holds(file) ? FileFormat.TorchPickle : FileFormat.Npz,
            [0x93, (byte)'N', ..] => FileFormat.Npy,
            [.., (byte)'{'] when start.Length > SafetensorsHeader.Prefix => FileFormat.Safetensors,
            [PickleProtocol, ..] => FileFormat.TorchPickle,
            _ => null,
        };
    }
}
