using System.Text;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Zip;

namespace Diffusion.Model.Formats.Torch;

/// <summary>Reads PyTorch's zip container.</summary>
/// <remarks>A folder of any name with <c>data.pkl</c>, the pickle; <c>data/0</c>, <c>data/1</c> and so on, the storages, by their keys;
/// and, in later versions, <c>byteorder</c>. Nothing is compressed, so that storages can be mapped. Of what is read here checksums are
/// checked at once; those of storages are left to whoever loads them.</remarks>
internal static class TorchZip
{
    private const string Pickle = "/data.pkl";
    private const string ByteOrder = "byteorder";

    /// <summary>What the records of texts beside the tensors are called, before each one's own name.</summary>
    public const string Metadata = "metadata/";

    // A recipe is a few kilobytes.
    private const long LongestText = 1 << 20;

    // TorchScript programs come in the same container, with one file more.
    private const string ProgramMark = "constants.pkl";

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidFileException">It is not such a file, or damaged, or holds what no tensor needs.</exception>
    public static TorchContainer Read(FileBytes file, ReadBudget budget)
    {
        var entries = ZipDirectory.Read(file, budget).ToDictionary(entry => entry.Name);
        var pickle = entries.Values.FirstOrDefault(entry => entry.Name.EndsWith(Pickle, StringComparison.Ordinal))
            ?? throw InvalidFileException.OfKind(file.Path, entries.Count == 0 ? "a zip archive without files"
                : $"a zip archive of {Counted.Of(entries.Count, "file")}, such as '{entries.Keys.First()}', "
                    + "without the data.pkl of PyTorch");
        var folder = pickle.Name[..(pickle.Name.Length - Pickle.Length + 1)];
        if (entries.TryGetValue(folder + ProgramMark, out var program))
            throw program.Invalid(file, 0, "this is a TorchScript program; expected saved tensors");
        if (entries.TryGetValue(folder + ByteOrder, out var order) && !Stored(file, order).SequenceEqual("little"u8))
            throw order.Invalid(file, 0, "the byte order must be little");
        Stored(file, pickle);
        var storages = new PickleStorages();
        var (content, end) = PickleMachine.Run(file, pickle.Data, budget, storages);
        if (end != pickle.Data.End)
            throw file.Invalid(end, $"{pickle.Data.End - end} bytes follow the pickle");
        var places = storages.ByKey.Values.ToDictionary(storage => storage, storage =>
            entries.TryGetValue($"{folder}data/{storage.Key}", out var entry)
                ? Fitting(file, storage, entry, budget)
                : throw pickle.Invalid(file, 0, $"the storage '{storage.Key}' is missing"));
        return new TorchContainer(content, places.ToDictionary(place => place.Key, place => place.Value.Data.Start), budget)
        {
            Entries = places,
            Metadata = Texts(file, entries.Values.Where(
                entry => entry.Name.StartsWith(folder + Metadata, StringComparison.Ordinal)), folder.Length + Metadata.Length, budget),
        };
    }

    private static Dictionary<string, string> Texts(FileBytes file, IEnumerable<ZipEntry> entries, int prefix, ReadBudget budget)
    {
        var texts = new Dictionary<string, string>();
        foreach (var entry in entries)
        {
            if (entry.Length > LongestText)
                throw entry.Invalid(file, 0, $"a text of {entry.Length} bytes; expected at most {LongestText}");
            budget.Charge(entry.Length, sizeof(char), entry.Data.Start);
            texts.Add(entry.Name[prefix..], Encoding.UTF8.GetString(Stored(file, entry)));
        }
        return texts;
    }

    /// <summary>Whether a zip file is such a file.</summary>
    /// <exception cref="InvalidFileException">It is no zip file.</exception>
    public static bool Holds(FileBytes file) =>
        ZipDirectory.Read(file, new ReadBudget(file)).Any(entry => entry.Name.EndsWith(Pickle, StringComparison.Ordinal));

    private static ZipEntry Fitting(FileBytes file, PickleStorage storage, ZipEntry entry, ReadBudget budget)
    {
        if (entry.Method != ZipMethod.Stored || entry.Length != storage.ByteCount)
            throw entry.Invalid(file, 0, $"{entry.Length} bytes, {entry.Method}; expected {storage.ByteCount} bytes, {ZipMethod.Stored}");
        budget.Charge(storage.ByteCount, entry.Data.Start);
        return entry;
    }

    private static ReadOnlySpan<byte> Stored(FileBytes file, ZipEntry entry)
    {
        if (entry.Method != ZipMethod.Stored || entry.Length > int.MaxValue)
            throw entry.Invalid(file, 0, "it is compressed or too long; PyTorch stores it uncompressed");
        entry.Verify(file);
        return file.Slice(entry.Data.Start, (int)entry.Length, entry.Name);
    }
}
