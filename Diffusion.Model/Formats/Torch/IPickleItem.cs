namespace Diffusion.Model.Formats.Torch;

/// <summary>What can lie on the stack of a pickle machine: finished values, containers that still grow, globals, storages.</summary>
internal interface IPickleItem
{
    /// <summary>What people call an item of this type, for messages.</summary>
    static string KindOf(Type type) =>
        type.Name.Replace("Growing", "", StringComparison.Ordinal).Replace("Pickle", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>What people call this item, for messages.</summary>
    sealed string Kind => KindOf(GetType());
}

/// <summary>A list that still grows.</summary>
internal sealed class GrowingList : IPickleItem
{
    public List<IPickleItem> Items { get; } = [];
}

/// <summary>A tuple; what it holds may still grow.</summary>
internal sealed class GrowingTuple(IPickleItem[] items) : IPickleItem
{
    public IPickleItem[] Items { get; } = items;
}

/// <summary>An object of a class that is only named: what it is made with, its state, and what it holds as a dictionary does.</summary>
internal sealed class GrowingObject(string name, IPickleItem[] arguments) : IPickleItem
{
    public string Name { get; } = name;

    public IPickleItem[] Arguments { get; } = arguments;

    public IPickleItem State { get; set; } = PickleValue.None.Value;

    public List<KeyValuePair<IPickleItem, IPickleItem>> Entries { get; } = [];
}

/// <summary>A dictionary that still grows.</summary>
internal sealed class GrowingDictionary(PickleDictionaryKind kind) : IPickleItem
{
    public PickleDictionaryKind Kind { get; } = kind;

    public List<KeyValuePair<IPickleItem, IPickleItem>> Entries { get; } = [];
}
