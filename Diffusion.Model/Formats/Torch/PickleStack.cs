using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Torch;

/// <summary>The stack, the marks on it and the memo of a pickle machine; what is not there is refused.</summary>
internal sealed class PickleStack(ReadBudget budget, Func<string, InvalidFileException> refuse)
{
    private readonly List<IPickleItem> _items = [];
    private readonly List<int> _marks = [];
    private readonly List<IPickleItem> _memo = [];

    /// <summary>How many items there are.</summary>
    public int Count => _items.Count;

    // Items below the last mark are out of reach.
    private int Floor => _marks.Count > 0 ? _marks[^1] : 0;

    public void Push(IPickleItem item, long position) => budget.Add(_items, item, position);

    /// <summary>The topmost item, which stays.</summary>
    public T Top<T>()
        where T : IPickleItem =>
        _items.Count <= Floor ? throw refuse("an instruction finds nothing on the stack")
        : _items[^1] is T item ? item
        : throw refuse($"an instruction finds a {_items[^1].Kind} on the stack; expected a {IPickleItem.KindOf(typeof(T))}");

    /// <summary>The topmost item, taken off.</summary>
    public T Pop<T>()
        where T : IPickleItem
    {
        var item = Top<T>();
        _items.RemoveAt(_items.Count - 1);
        return item;
    }

    /// <summary>The topmost <paramref name="count"/> items, taken off, in the order in which they came.</summary>
    public IPickleItem[] Pop(int count, long position)
    {
        if (_items.Count - count < Floor)
            throw refuse($"an instruction needs {count} items on the stack, but finds {_items.Count - Floor}");
        budget.Charge(sizeof(long), count + 3, position);
        var items = new IPickleItem[count];
        _items.CopyTo(_items.Count - count, items, 0, count);
        _items.RemoveRange(_items.Count - count, count);
        return items;
    }

    public void Mark(long position) => budget.Add(_marks, _items.Count, position);

    /// <summary>The items above the last mark, taken off with the mark.</summary>
    public IPickleItem[] PopToMark(long position)
    {
        if (_marks.Count == 0)
            throw refuse("an instruction looks for a mark, but there is none");
        var items = Pop(_items.Count - Floor, position);
        _marks.RemoveAt(_marks.Count - 1);
        return items;
    }

    /// <summary>Remembers the topmost item as number <paramref name="index"/>; picklers count up from 0.</summary>
    public void Remember(uint index, long position)
    {
        var item = Top<IPickleItem>();
        if (index < _memo.Count)
            _memo[(int)index] = item;
        else if (index == _memo.Count)
            budget.Add(_memo, item, position);
        else
            throw refuse($"item {index} is remembered, but only {_memo.Count} were before");
    }

    /// <summary>Remembers the topmost item under the next number.</summary>
    public void Remember(long position) => Remember((uint)_memo.Count, position);

    public IPickleItem Recall(uint index) =>
        index < _memo.Count ? _memo[(int)index] : throw refuse($"item {index} is recalled, but only {_memo.Count} are remembered");
}
