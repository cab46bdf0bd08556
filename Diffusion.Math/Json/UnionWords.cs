using System.Collections.Immutable;

namespace Diffusion.Math.Json;

/// <summary>Words for values of unions, which JSON may hold instead of them: <c>"schedule": "cosine"</c>.</summary>
/// <remarks>
/// A word may also stand for the kind, with settings beside it that differ: <c>{ "kind": "cosine", "count": 500 }</c>. Of a kind that is
/// itself a word, what would have to be said may be left out.
/// </remarks>
public sealed class UnionWords
{
    private readonly ImmutableDictionary<Type, ImmutableDictionary<string, object>> _words;

    private UnionWords(ImmutableDictionary<Type, ImmutableDictionary<string, object>> words) => _words = words;

    /// <summary>No words.</summary>
    public static UnionWords None { get; } = new(ImmutableDictionary<Type, ImmutableDictionary<string, object>>.Empty);

    /// <summary>These words, and more.</summary>
    /// <typeparam name="T">A union.</typeparam>
    /// <param name="words">Each word with what it stands for.</param>
    /// <exception cref="ArgumentException">A word stands for two values.</exception>
    public UnionWords With<T>(IEnumerable<(string Word, T Value)> words)
        where T : notnull =>
        new(_words.SetItem(typeof(T), words.ToImmutableDictionary(word => word.Word, word => (object)word.Value)));

    /// <summary>The words that may stand where a union, or a part of one, is asked for.</summary>
    internal IEnumerable<KeyValuePair<string, object>> Of(Type declared) =>
        _words.TryGetValue(RecordShape.RootOf(declared), out var words) ? words.Where(word => declared.IsInstanceOfType(word.Value)) : [];

    /// <summary>What the word stands for where a union is asked for; null where it stands for nothing.</summary>
    internal object? Find(Type declared, string word) =>
        _words.TryGetValue(RecordShape.RootOf(declared), out var words) && words.TryGetValue(word, out var value)
            && declared.IsInstanceOfType(value) ? value : null;
}
