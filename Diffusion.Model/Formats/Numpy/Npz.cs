using System.IO.Compression;
using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Numpy;

/// <summary>NumPy's format for named arrays: a zip file of <c>.npy</c> files.</summary>
public static class Npz
{
    /// <summary>The ending of such a file.</summary>
    public const string Extension = ".npz";

    // The first moment that a zip file can name: the bytes shall not depend on the clock.
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Opens a file and checks its directory and all headers.</summary>
    /// <exception cref="InvalidFileException">It is not such a file, or a damaged one.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static NpzFile Open(string path) => Open(FileBytes.Map(path));

    /// <summary>Checks a file given by its bytes, which are disposed of with the result, or at once where they are refused.</summary>
    /// <exception cref="InvalidFileException">It is not such a file, or a damaged one.</exception>
    public static NpzFile Open(FileBytes file) => file.OrDispose(() => new NpzFile(file));

    /// <summary>Writes arrays, uncompressed as <c>numpy.savez</c> does, replacing the file at once or not at all.</summary>
    /// <remarks>The bytes depend on nothing but names, arrays and their order.</remarks>
    /// <exception cref="ArgumentException">Two arrays have one name.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one, if any, is untouched.</exception>
    public static void Write(string path, IEnumerable<(string Name, NpyArray Array)> arrays)
    {
        var named = arrays.ToArray();
        var names = new HashSet<string>();
        foreach (var (name, _) in named)
            if (!names.Add(name))
                throw new ArgumentException($"The name '{name}' is taken.", nameof(arrays));
        AtomicFile.Write(path, stream =>
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            foreach (var (name, array) in named)
            {
                var entry = zip.CreateEntry(name + Npy.Extension, CompressionLevel.NoCompression);
                entry.LastWriteTime = NoTime;
                using var content = entry.Open();
                array.WriteTo(content);
            }
        });
    }
}
