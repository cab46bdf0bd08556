using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Numpy;

/// <summary>NumPy's format for one array.</summary>
public static class Npy
{
    /// <summary>The ending of such a file.</summary>
    public const string Extension = ".npy";

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="InvalidFileException">It is not such a file, or a damaged one.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static NpyFile Open(string path) => Open(FileBytes.Map(path));

    /// <summary>Checks a file given by its bytes, which are disposed of with the result, or at once where they are refused.</summary>
    /// <exception cref="InvalidFileException">It is not such a file, or a damaged one.</exception>
    public static NpyFile Open(FileBytes file) => file.OrDispose(() => new NpyFile(file));

    /// <summary>Writes an array, replacing the file at once or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written; the old one, if any, is untouched.</exception>
    public static void Write(string path, NpyArray array) => AtomicFile.Write(path, array.WriteTo);
}
