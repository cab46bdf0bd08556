using Diffusion.Math.Values;
using Diffusion.Model.Files;
using TorchSharp;

namespace Diffusion.Model.Formats.Tensors;

/// <summary>An open safetensors file. The header has been checked; data are read from the mapped file when they are asked for.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly FileBytes _file;
    private readonly Dictionary<string, SafetensorsEntry> _byName;

    internal SafetensorsFile(FileBytes file)
    {
        (Entries, Metadata) = SafetensorsHeader.Read(file);
        _file = file;
        _byName = Entries.ToDictionary(entry => entry.Name);
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>The tensors, in the order of their data.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>The texts that the file carries beside its tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What the file holds.</summary>
    public FileDescription Description => new(
        FileFormat.Safetensors, _file.Length,
        Entries.Select(entry => new TensorDescription(entry.Name, entry.Type, entry.Shape)).ToSequence(),
        Metadata.Select(pair => new NoteDescription(pair.Key, pair.Value)).ToSequence());

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>The description of one tensor.</summary>
    /// <exception cref="InvalidFileException">There is no tensor of this name.</exception>
    public SafetensorsEntry this[string name] =>
        _byName.TryGetValue(name, out var entry) ? entry : throw _file.Invalid(SafetensorsHeader.Prefix, $"there is no tensor '{name}'");

    /// <summary>A copy of one tensor, on the CPU.</summary>
    /// <exception cref="InvalidFileException">There is no tensor of this name.</exception>
    public torch.Tensor Load(string name)
    {
        var entry = this[name];
        return TensorBytes.Load(entry.Type, entry.Shape, Source(entry), reason => _file.Invalid(entry.Offset, reason));
    }

    /// <summary>Copies one tensor over the elements of <paramref name="destination"/>.</summary>
    /// <remarks>Straight from the file where the destination is contiguous and on the CPU.</remarks>
    /// <exception cref="InvalidFileException">There is no tensor of this name, or it has another type or shape.</exception>
    public void CopyInto(string name, torch.Tensor destination)
    {
        var entry = this[name];
        if (entry.Type != ElementType.Of(destination.dtype) || !entry.Shape.Equals(TensorShape.Of(destination.shape)))
            throw Mismatch(name, destination);
        TensorBytes.Write(destination, Source(entry));
    }

    /// <summary>That a tensor is not of the type and shape that are needed.</summary>
    internal InvalidFileException Mismatch(string name, torch.Tensor needed)
    {
        var (entry, type, shape) = (this[name], ElementType.Of(needed.dtype), TensorShape.Of(needed.shape));
        return _file.Invalid(entry.Offset, $"tensor '{name}' is {entry.Type} {entry.Shape}, but {type} {shape} is needed");
    }

    /// <summary>Closes the file. Tensors that were loaded stay.</summary>
    public void Dispose() => _file.Dispose();

    private TensorBytes.Fill Source(SafetensorsEntry entry) =>
        (memory, offset) => _file.Slice(entry.Offset + offset, memory.Length, entry.Name).CopyTo(memory);
}
