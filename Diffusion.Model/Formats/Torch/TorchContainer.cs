using System.Collections.ObjectModel;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Zip;

namespace Diffusion.Model.Formats.Torch;

/// <summary>What a PyTorch file holds: the tree of values, and where in the file each storage is.</summary>
/// <param name="Content">The tree.</param>
/// <param name="Offsets">Where the bytes of each storage begin.</param>
/// <param name="Budget">The memory that may still be taken.</param>
internal sealed record TorchContainer(PickleValue Content, IReadOnlyDictionary<PickleStorage, long> Offsets, ReadBudget Budget)
{
    private const uint ZipSignature = 0x04034b50;

    /// <summary>The entry of a zip file that holds each storage, with its checksum; empty where storages have none.</summary>
    public IReadOnlyDictionary<PickleStorage, ZipEntry> Entries { get; init; } = ReadOnlyDictionary<PickleStorage, ZipEntry>.Empty;

    /// <summary>The texts that a zip file carries beside its tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The usual ending of a pickle of modules, which Python's own pickler writes.</summary>
    public const string ModulesExtension = ".pkl";

    /// <summary>
    /// Reads a pickle of modules, or either kind of file of tensors: the zip files of PyTorch 1.6 and later, or the legacy pickles of
    /// before.
    /// </summary>
    /// <exception cref="InvalidFileException">It is neither, or damaged, or holds what no tensor needs.</exception>
    public static TorchContainer Read(FileBytes file, PickleVocabulary vocabulary) =>
        vocabulary == PickleVocabulary.Modules ? ReadModules(file, new ReadBudget(file))
        : file.Length >= sizeof(uint) && file.UInt32(0, "signature") == ZipSignature
            ? TorchZip.Read(file, new ReadBudget(file))
            : TorchLegacy.Read(file, new ReadBudget(file));

    private static TorchContainer ReadModules(FileBytes file, ReadBudget budget)
    {
        var storages = new PickleStorages();
        var (content, end) = PickleMachine.Run(file, new FileRange(0, file.Length), budget, storages, PickleVocabulary.Modules);
        if (end != file.Length)
            throw file.Invalid(end, $"{file.Length - end} bytes follow the pickle");
        if (storages.ByKey.Count > 0)
            throw file.Invalid(0, "the pickle names a storage outside it, but there is none");
        return new TorchContainer(content, storages.Embedded, budget);
    }
}
