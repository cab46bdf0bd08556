using System.Text.Json;
using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Tensors;

/// <summary>Reads the JSON header of a safetensors file, accepting exactly what the format allows.</summary>
/// <remarks>The file is: length of the header (8 bytes, little endian); the header, an object that gives each tensor's <c>dtype</c>,
/// <c>shape</c> and <c>data_offsets</c> (begin and end, relative to the end of the header) and, under <c>__metadata__</c>, texts;
/// the data, without gaps.</remarks>
internal ref struct SafetensorsHeader
{
    /// <summary>Bytes before the header: its length.</summary>
    public const int Prefix = 8;

    /// <summary>The key under which texts are kept, which no tensor may have as its name.</summary>
    public const string MetadataKey = "__metadata__";

    // The limit of the format's own library.
    private const int LongestHeader = 100_000_000;

    // What an entry takes in memory: the objects, and their share of the tables that find duplicates.
    private const int EntryCost = 400;

    private readonly FileBytes _file;
    private readonly ReadBudget _budget;
    private readonly long _dataStart;
    private readonly List<(SafetensorsEntry Entry, long Where)> _entries = [];
    private readonly Dictionary<string, string> _metadata = [];
    private JsonCursor _json;

    private SafetensorsHeader(FileBytes file)
    {
        var length = file.UInt64(0, "the length of the header");
        if (length > LongestHeader)
            throw file.Invalid(0, $"the header claims {length} bytes, but at most {LongestHeader} are allowed");
        _file = file;
        _budget = new ReadBudget(file);
        _dataStart = Prefix + (long)length;
        _json = new JsonCursor(file, _budget, Prefix, (int)length);
    }

    /// <summary>The tensors, in the order of their data, and the texts.</summary>
    /// <exception cref="InvalidFileException">The file breaks the format.</exception>
    public static (IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata) Read(FileBytes file)
    {
        var header = new SafetensorsHeader(file);
        header.ReadAll();
        header.CheckCoverage();
        return ([.. header._entries.Select(row => row.Entry)], header._metadata);
    }

    private void ReadAll()
    {
        if (!_json.NextIs(JsonTokenType.StartObject) || _json.Here != Prefix)
            throw _json.Wrong("the header must be a JSON object");
        var names = new HashSet<string>();
        while (_json.NextKey() is { } name)
        {
            if (!names.Add(name))
                throw _json.Wrong($"the name '{name}' occurs twice");
            if (name == MetadataKey)
                ReadMetadata();
            else
                ReadEntry(name);
        }
        // The JSON reader refuses everything but white space after the object.
        _json.Next();
    }

    private void ReadMetadata()
    {
        if (!_json.NextIs(JsonTokenType.StartObject))
            throw _json.Wrong($"'{MetadataKey}' must be an object of texts");
        while (_json.NextKey() is { } key)
        {
            if (!_json.NextIs(JsonTokenType.String))
                throw _json.Wrong($"the metadata '{key}' must be a text");
            if (!_metadata.TryAdd(key, _json.Text()))
                throw _json.Wrong($"the metadata '{key}' occurs twice");
        }
    }

    private void ReadEntry(string name)
    {
        var where = _json.Here;
        _budget.Charge(EntryCost, where);
        (ElementType? type, TensorShape? shape, (long Begin, long End)? range) = (null, null, null);
        if (!_json.NextIs(JsonTokenType.StartObject))
            throw _json.Wrong($"tensor '{name}' must be a JSON object");
        while (_json.NextKey() is { } key)
            switch (key)
            {
                case "dtype" when type is null: type = ReadType(name); break;
                case "shape" when shape is null: shape = ReadShape(name); break;
                case "data_offsets" when range is null: range = ReadRange(name); break;
                default: throw _json.Wrong($"tensor '{name}' has a field '{key}'; expected dtype, shape and data_offsets, once each");
            }
        if (type is null || shape is null || range is not var (begin, end))
            throw _file.Invalid(where, $"tensor '{name}' lacks {(type is null ? "dtype" : shape is null ? "shape" : "data_offsets")}");
        // There may be 2^62 elements, so the count of bytes may overflow: divide rather than multiply.
        if (end < begin || (end - begin) / type.Size != shape.Elements || (end - begin) % type.Size != 0)
            throw _file.Invalid(where, $"tensor '{name}' has bytes {begin} to {end}, but needs {shape.Elements} times {type.Size}");
        _entries.Add((new SafetensorsEntry(name, type, shape, _dataStart + begin), where));
    }

    private ElementType ReadType(string name)
    {
        if (!_json.NextIs(JsonTokenType.String))
            throw _json.Wrong($"the dtype of '{name}' must be a text");
        var code = _json.Text();
        return SafetensorsCodes.Parse(code)
            ?? throw _json.Wrong($"tensor '{name}' has the dtype '{code}'; supported are {SafetensorsCodes.All}");
    }

    private TensorShape ReadShape(string name)
    {
        Span<long> sizes = stackalloc long[TensorShape.MaximumRank];
        var rank = _json.Numbers(sizes, "shape", name);
        return TensorShape.TryOf(sizes[..rank]) ?? throw _json.Wrong($"the shape of '{name}' has more elements than can be counted");
    }

    private (long Begin, long End) ReadRange(string name)
    {
        Span<long> range = stackalloc long[2];
        return _json.Numbers(range, "data_offsets", name) == 2
            ? (range[0], range[1])
            : throw _json.Wrong($"the data_offsets of '{name}' must be two numbers");
    }

    // The data must be covered exactly, without gaps and overlaps: then nothing can hide in the file, and nothing is counted twice.
    private readonly void CheckCoverage()
    {
        _entries.Sort((a, b) => (a.Entry.Offset, a.Entry.ByteCount).CompareTo((b.Entry.Offset, b.Entry.ByteCount)));
        var reached = _dataStart;
        foreach (var (entry, where) in _entries)
        {
            if (entry.Offset != reached)
                throw _file.Invalid(where, $"the data of '{entry.Name}' begin at byte {entry.Offset}, but those before end at {reached}");
            _file.Require(entry.Offset, entry.ByteCount, $"tensor '{entry.Name}'");
            _budget.Charge(entry.Shape.Elements, entry.Type.LoadedSize, where);
            reached += entry.ByteCount;
        }
        if (reached != _file.Length)
            throw _file.Invalid(reached, $"{_file.Length - reached} bytes follow the last tensor");
    }
}
