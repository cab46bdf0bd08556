using Diffusion.Model.Files;
using TorchSharp;

namespace Diffusion.Model.Formats.Torch;

/// <summary>
/// Files of <c>torch.save</c>: <c>.pth</c>, <c>.pt</c>, <c>.bin</c>, <c>.ckpt</c>; and networks that Python's own pickler saved:
/// <c>.pkl</c>. Reading one never runs what is in it.
/// </summary>
public static class TorchPickle
{
    /// <summary>Opens a file, either container, and runs its pickle as far as tensors need.</summary>
    /// <exception cref="InvalidFileException">It is not such a file, or damaged, or asks for what no tensor needs.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static TorchPickleFile Open(string path) => Open(FileBytes.Map(path));

    /// <summary>Reads a file given by its bytes, which are disposed of with the result, or at once where they are refused.</summary>
    /// <exception cref="InvalidFileException">It is not such a file, or damaged, or asks for what no tensor needs.</exception>
    public static TorchPickleFile Open(FileBytes file) => file.OrDispose(() => new TorchPickleFile(file));

    /// <summary>Reads a pickle of modules, whatever it is called.</summary>
    /// <inheritdoc cref="Open(FileBytes)"/>
    internal static TorchPickleFile OpenModules(FileBytes file) =>
        file.OrDispose(() => new TorchPickleFile(file, PickleVocabulary.Modules));

    /// <summary>The names and tensors of a state dictionary, in its order.</summary>
    /// <exception cref="InvalidFileException">It is not such a file, or damaged, or holds anything but names and tensors.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static IReadOnlyList<(string Name, torch.Tensor Tensor)> ReadStateDict(string path)
    {
        using var file = Open(path);
        return file.ReadStateDict();
    }
}
