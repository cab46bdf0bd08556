using System.Numerics;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Zip;

namespace Diffusion.Model.Formats.Torch;

/// <summary>Reads PyTorch's container of before version 1.6.</summary>
/// <remarks>Five pickles, one after another: a magic number, the number of the format, a description of the machine, the content, and
/// the list of the storages' keys. Then, in that order, each storage: its number of elements (8 bytes), and the elements.</remarks>
internal static class TorchLegacy
{
    private const int Format = 1001;

    private static readonly BigInteger Magic = new([0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]);

    /// <summary>Reads a storage by itself, a whole file of this kind inside another one.</summary>
    /// <param name="file">The other one.</param>
    /// <param name="range">Where it is.</param>
    /// <param name="budget">The memory that may be taken.</param>
    /// <param name="known">Called with where the elements of the storage begin.</param>
    /// <returns>The storage, under a name of its own.</returns>
    /// <exception cref="InvalidFileException">It is damaged, or holds something else.</exception>
    public static PickleStorage ReadStorage(FileBytes file, FileRange range, ReadBudget budget, PickleStorages known)
    {
        var storages = new PickleStorages();
        var position = range.Start;
        var isOurs = Next() == new PickleValue.Integer(Magic) && Next() == new PickleValue.Integer(Format)
            && Next() is PickleValue.Dictionary machine && machine["little_endian"] == new PickleValue.Truth(true);
        if (!isOurs)
            throw file.Invalid(range.Start, "the bytes of a storage are not as PyTorch writes them");
        (var storage, position) = PickleMachine.RunStorage(file, new FileRange(position, range.End - position), budget, storages);
        var elements = Next() is PickleValue.List { Items: [PickleValue.Text key] } && key.Value == storage.Key
            ? file.UInt64(position, "the size of a storage")
            : throw file.Invalid(position, "the bytes of a storage name another one");
        position += sizeof(ulong);
        if (elements != (ulong)storage.Elements || range.End - position != storage.ByteCount)
            throw file.Invalid(position, $"a storage has {elements} elements; expected {storage.Elements}, and nothing behind them");
        budget.Charge(storage.ByteCount, position);
        var named = storage with { Key = $"{position}" };
        known.Embedded.TryAdd(named, position);
        return named;

        PickleValue Next()
        {
            (var value, position) = PickleMachine.Run(file, new FileRange(position, range.End - position), budget, storages);
            return value;
        }
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidFileException">It is not such a file, or damaged, or holds what no tensor needs.</exception>
    public static TorchContainer Read(FileBytes file, ReadBudget budget)
    {
        var storages = new PickleStorages();
        var position = 0L;
        Require(Next() == new PickleValue.Integer(Magic), "this is not a file of PyTorch: neither a zip file nor its magic number");
        Require(Next() == new PickleValue.Integer(Format), $"the format must be {Format}");
        Require(
            Next() is PickleValue.Dictionary machine && machine["little_endian"] == new PickleValue.Truth(true),
            "the file must come from a little-endian machine");
        var content = Next();
        var keys = Next() is PickleValue.List list ? list.Items : throw file.Invalid(position, "the keys of the storages must be a list");
        var offsets = new Dictionary<PickleStorage, long>();
        foreach (var item in keys)
        {
            var storage = item is PickleValue.Text key && storages.ByKey.TryGetValue(key.Value, out var named)
                ? named
                : throw file.Invalid(position, $"{item} is not the key of a storage that a tensor uses");
            var elements = file.UInt64(position, $"the size of storage '{storage.Key}'");
            Require(elements == (ulong)storage.Elements, $"storage '{storage.Key}' has {elements} elements; expected {storage.Elements}");
            position += sizeof(ulong);
            file.Require(position, storage.ByteCount, $"storage '{storage.Key}'");
            budget.Charge(storage.ByteCount, position);
            Require(offsets.TryAdd(storage, position), $"storage '{storage.Key}' occurs twice");
            position += storage.ByteCount;
        }
        Require(offsets.Count == storages.ByKey.Count, $"{storages.ByKey.Count} storages are used, but {offsets.Count} are there");
        Require(position == file.Length, $"{file.Length - position} bytes follow the last storage");
        return new TorchContainer(content, offsets, budget);

        PickleValue Next()
        {
            (var value, position) = PickleMachine.Run(file, new FileRange(position, file.Length - position), budget, storages);
            return value;
        }

        void Require(bool condition, string reason)
        {
            if (!condition)
                throw file.Invalid(position, reason);
        }
    }
}
