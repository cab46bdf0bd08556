using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Formats.Torch;

/// <summary>Turns what a pickle machine has built into an immutable tree.</summary>
/// <remarks>What is shared in the pickle is shared in the tree, but charged as often as it occurs, for whoever walks through the tree
/// meets it so often: ten lists, each of ten times the next, are a short pickle and a long walk.</remarks>
internal sealed class PickleTree(ReadBudget budget, Func<string, InvalidFileException> refuse, long position)
{
    private const int DeepestNesting = 100;
    private const int ValueCost = 64;
    private const int TensorCost = 400;

    // A container that is being frozen has no value yet: meeting it again means that it holds itself.
    private readonly Dictionary<IPickleItem, (PickleValue? Value, long Cost)> _containers = new(ReferenceEqualityComparer.Instance);

    /// <summary>The tree.</summary>
    /// <exception cref="InvalidFileException">It holds itself or what is no value, or is too deep or too large.</exception>
    public PickleValue Freeze(IPickleItem item) => Freeze(item, 0).Value;

    private (PickleValue Value, long Cost) Freeze(IPickleItem item, int depth)
    {
        if (depth > DeepestNesting)
            throw refuse($"the pickle is nested more than {DeepestNesting} deep");
        if (item is PickleValue leaf)
            return Charged(leaf, leaf is PickleValue.Tensor ? TensorCost : ValueCost);
        if (_containers.TryGetValue(item, out var known))
            return Charged(known.Value ?? throw refuse("something in the pickle holds itself"), known.Cost);
        _containers.Add(item, (null, 0));
        var frozen = item switch
        {
            GrowingList list => Container(list.Items, depth, items => new PickleValue.List(items)),
            GrowingTuple tuple => Container(tuple.Items, depth, items => new PickleValue.Tuple(items)),
            GrowingDictionary dictionary => FreezeDictionary(dictionary, depth),
            GrowingObject made => FreezeObject(made, depth),
            // A class that is named and not called.
            PickleGlobal.Inert named => Charged(new PickleValue.Instance(named.Name, [], PickleValue.None.Value, []), ValueCost),
            _ => throw refuse($"the pickle holds a {item.Kind}, which is no value"),
        };
        _containers[item] = frozen;
        return frozen;
    }

    private (PickleValue Value, long Cost) Container(
        IReadOnlyList<IPickleItem> items, int depth, Func<Sequence<PickleValue>, PickleValue> make)
    {
        var cost = Charged(PickleValue.None.Value, ValueCost).Cost;
        var frozen = new PickleValue[items.Count];
        for (var index = 0; index < frozen.Length; index++)
        {
            (frozen[index], var itemCost) = Freeze(items[index], depth + 1);
            cost += itemCost;
        }
        return (make(Sequence.Create<PickleValue>(frozen)), cost);
    }

    private (PickleValue Value, long Cost) FreezeObject(GrowingObject made, int depth)
    {
        var (arguments, cost) = Container(made.Arguments, depth, items => new PickleValue.Tuple(items));
        var (state, stateCost) = Freeze(made.State, depth + 1);
        var entries = new GrowingDictionary(PickleDictionaryKind.Plain);
        entries.Entries.AddRange(made.Entries);
        var (held, heldCost) = FreezeDictionary(entries, depth);
        return (
            new PickleValue.Instance(
                made.Name, ((PickleValue.Tuple)arguments).Items, state, ((PickleValue.Dictionary)held).Entries),
            cost + stateCost + heldCost);
    }

    private (PickleValue Value, long Cost) FreezeDictionary(GrowingDictionary dictionary, int depth)
    {
        var keys = new HashSet<PickleValue>();
        foreach (var (key, _) in dictionary.Entries)
            if (key is not PickleValue value || value is PickleValue.Tensor)
                throw refuse($"a dictionary has a {key.Kind} as a key; expected texts and numbers");
            else if (!keys.Add(value))
                throw refuse($"a dictionary has the key {value} twice");
        return Container(
            [.. dictionary.Entries.SelectMany(entry => new[] { entry.Key, entry.Value })], depth,
            items => new PickleValue.Dictionary(dictionary.Kind, Sequence.Generate(
                items.Count / 2, index => new KeyValuePair<PickleValue, PickleValue>(items[2 * index], items[2 * index + 1]))));
    }

    private (PickleValue Value, long Cost) Charged(PickleValue value, long cost)
    {
        budget.Charge(cost, position);
        return (value, cost);
    }
}
