using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;

namespace Diffusion.Model.Formats.Numpy;

/// <summary>An open <c>.npy</c> file.</summary>
public sealed class NpyFile : IDisposable
{
    private readonly FileBytes _file;

    internal NpyFile(FileBytes file)
    {
        _file = file;
        Array = new NpyEntry("", new NpySource.Whole(file), new ReadBudget(file));
    }

    /// <summary>The array.</summary>
    public NpyEntry Array { get; }

    /// <summary>What the file holds.</summary>
    public FileDescription Description => new(FileFormat.Npy, _file.Length, [new("", Array.Type, Array.Shape)], []);

    /// <summary>Closes the file. What was loaded stays.</summary>
    public void Dispose() => _file.Dispose();
}
