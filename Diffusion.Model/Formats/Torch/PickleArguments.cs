using System.Numerics;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Torch;

/// <summary>What a global is called with, taken out with its type checked.</summary>
internal sealed class PickleArguments(IPickleItem[] items, string callee, Func<string, InvalidFileException> refuse)
{
    public int Count => items.Length;

    public IPickleItem[] Items => items;

    public InvalidFileException Refuse(string reason) => refuse($"'{callee}' {reason}");

    public void RequireCount(int least, int most)
    {
        if (items.Length < least || items.Length > most)
            throw Refuse($"is called with {items.Length} arguments; expected {least} to {most}");
    }

    public T Take<T>(int index)
        where T : IPickleItem =>
        items[index] is T item
            ? item
            : throw Refuse($"has a {items[index].Kind} as argument {index}; expected a {IPickleItem.KindOf(typeof(T))}");

    public long Integer(int index) => ToLong(items[index], index);

    public Sequence<long> Integers(int index) => Take<GrowingTuple>(index).Items.Select(item => ToLong(item, index)).ToSequence();

    private long ToLong(IPickleItem item, int index) =>
        item is PickleValue.Integer { Value: var value } && value >= long.MinValue && value <= long.MaxValue
            ? (long)value
            : throw Refuse($"has a {item.Kind} in argument {index}; expected a whole number of 64 bits");
}
