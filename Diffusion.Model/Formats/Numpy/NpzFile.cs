using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Zip;

namespace Diffusion.Model.Formats.Numpy;

/// <summary>An open <c>.npz</c> file: named arrays.</summary>
public sealed class NpzFile : IDisposable
{
    private readonly FileBytes _file;
    private readonly Dictionary<string, NpyEntry> _byName;

    internal NpzFile(FileBytes file)
    {
        _file = file;
        var budget = new ReadBudget(file);
        Entries = [.. ZipDirectory.Read(file, budget).Select(entry => OpenEntry(entry, budget))];
        _byName = Entries.ToDictionary(entry => entry.Name);
    }

    /// <summary>The arrays, in the order of the zip file's directory.</summary>
    public IReadOnlyList<NpyEntry> Entries { get; }

    /// <summary>What the file holds.</summary>
    public FileDescription Description => new(
        FileFormat.Npz, _file.Length,
        Entries.Select(entry => new TensorDescription(entry.Name, entry.Type, entry.Shape)).ToSequence(), []);

    /// <summary>One array.</summary>
    /// <exception cref="InvalidFileException">There is no array of this name.</exception>
    public NpyEntry this[string name] =>
        _byName.TryGetValue(name, out var entry) ? entry : throw _file.Invalid(0, $"there is no array '{name}'");

    /// <summary>Whether there is an array of this name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>Closes the file. What was loaded stays.</summary>
    public void Dispose() => _file.Dispose();

    private NpyEntry OpenEntry(ZipEntry entry, ReadBudget budget)
    {
        if (!entry.Name.EndsWith(Npy.Extension, StringComparison.Ordinal))
            throw entry.Invalid(_file, 0, $"every entry must be an array, called something{Npy.Extension}");
        return new NpyEntry(entry.Name[..^Npy.Extension.Length], new NpySource.Zipped(_file, entry), budget);
    }
}
