using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Diffusion.Math.Values;

/// <summary>An immutable list with value equality, so that records that hold lists are values too.</summary>
/// <typeparam name="T">The element type; elements are compared by <see cref="EqualityComparer{T}.Default"/>.</typeparam>
[CollectionBuilder(typeof(Sequence), nameof(Sequence.Create))]
public sealed class Sequence<T> : IReadOnlyList<T>, IEquatable<Sequence<T>>
{
    private readonly ImmutableArray<T> _items;

    internal Sequence(ImmutableArray<T> items) => _items = items;

    /// <summary>The number of elements.</summary>
    public int Count => _items.Length;

    /// <summary>Element <paramref name="index"/>, from 0.</summary>
    /// <exception cref="IndexOutOfRangeException">The index is outside [0, Count).</exception>
    public T this[int index] => _items[index];

    /// <summary>The elements as contiguous read-only memory.</summary>
    public ReadOnlySpan<T> AsSpan() => _items.AsSpan();

    /// <inheritdoc/>
    public bool Equals(Sequence<T>? other) => other is not null && _items.AsSpan().SequenceEqual(other._items.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Sequence<T>);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in _items)
            hash.Add(item);
        return hash.ToHashCode();
    }

    /// <summary>The elements between brackets, separated by commas.</summary>
    public override string ToString() => $"[{string.Join(", ", _items)}]";

    /// <summary>Enumerates without allocating.</summary>
    public ImmutableArray<T>.Enumerator GetEnumerator() => _items.GetEnumerator();

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable)_items).GetEnumerator();
}

/// <summary>Makes sequences.</summary>
public static class Sequence
{
    /// <summary>A sequence of the given elements; what the collection expression <c>[a, b, c]</c> calls.</summary>
    public static Sequence<T> Create<T>(ReadOnlySpan<T> items) => new([.. items]);

    /// <summary>A sequence of everything that <paramref name="items"/> yields.</summary>
    public static Sequence<T> ToSequence<T>(this IEnumerable<T> items) => new([.. items]);

    /// <summary>The sequence f(0), …, f(count − 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public static Sequence<T> Generate<T>(int count, Func<int, T> f)
    {
        var items = ImmutableArray.CreateBuilder<T>(Require.AtLeast(count, 0));
        for (var index = 0; index < count; index++)
            items.Add(f(index));
        return new(items.MoveToImmutable());
    }
}
