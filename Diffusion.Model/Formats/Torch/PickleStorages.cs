using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Torch;

/// <summary>The storages that the tensors of a pickle name, each once.</summary>
internal sealed class PickleStorages
{
    private readonly Dictionary<string, PickleStorage> _byKey = [];

    /// <summary>All of them.</summary>
    public IReadOnlyDictionary<string, PickleStorage> ByKey => _byKey;

    /// <summary>Storages inside the pickle itself, and where their elements begin.</summary>
    public Dictionary<PickleStorage, long> Embedded { get; } = [];

    /// <summary>The storage that a persistent identifier describes: <c>('storage', type, key, device, number of elements)</c>.</summary>
    /// <remarks>In the legacy container there is a sixth item, which made it a part of another storage before PyTorch 0.4.</remarks>
    /// <exception cref="InvalidFileException">From <paramref name="refuse"/>: it describes something else.</exception>
    public PickleStorage Find(GrowingTuple identifier, Func<string, InvalidFileException> refuse)
    {
        var arguments = new PickleArguments(identifier.Items, "persistent identifier", refuse);
        arguments.RequireCount(5, 6);
        if (arguments.Take<PickleValue.Text>(0).Value is var kind && kind != "storage")
            throw arguments.Refuse($"describes a '{kind}'; expected a storage");
        if (arguments.Count == 6)
            arguments.Take<PickleValue.None>(5);
        arguments.Take<PickleValue.Text>(3);
        var type = arguments.Take<PickleGlobal.Storage>(1).Type;
        var (key, elements) = (arguments.Take<PickleValue.Text>(2).Value, arguments.Integer(4));
        if (elements < 0 || elements > long.MaxValue / type.Size)
            throw arguments.Refuse($"describes a storage of {elements} elements");
        var storage = new PickleStorage(key, type, elements);
        if (_byKey.TryAdd(key, storage))
            return storage;
        return _byKey[key] == storage ? _byKey[key] : throw arguments.Refuse($"describes storage '{key}' otherwise than before");
    }
}
