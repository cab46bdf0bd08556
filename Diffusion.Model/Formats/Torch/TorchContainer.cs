using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Torch;

/// <summary>What a PyTorch file holds: the tree of values, and where in the file each storage is.</summary>
/// <param name="Content">The tree.</param>
/// <param name="Offsets">Where the bytes of each storage begin.</param>
/// <param name="Budget">The memory that may still be taken.</param>
internal sealed record TorchContainer(PickleValue Content, IReadOnlyDictionary<PickleStorage, long> Offsets, ReadBudget Budget)
{
    private const uint ZipSignature = 0x04034b50;

    /// <summary>Reads either kind of file: the zip files of PyTorch 1.6 and later, or the legacy pickles of before.</summary>
    /// <exception cref="InvalidFileException">It is neither, or damaged, or holds what no tensor needs.</exception>
    public static TorchContainer Read(FileBytes file) =>
        file.Length >= sizeof(uint) && file.UInt32(0, "signature") == ZipSignature
            ? TorchZip.Read(file, new ReadBudget(file))
            : TorchLegacy.Read(file, new ReadBudget(file));
}
