using System.Globalization;
using System.Numerics;
using Diffusion.Math.Values;

namespace Diffusion.Model.Formats.Torch;

/// <summary>What a pickle holds: a tree of plain values and tensors. Nothing in it can run.</summary>
public abstract record PickleValue : IPickleItem
{
    private PickleValue()
    {
    }

    /// <summary>A few words for people: leaves as Python writes them, containers by their size.</summary>
    public sealed override string ToString() => Describe();

    private protected abstract string Describe();

    /// <summary>Python's None.</summary>
    public sealed record None : PickleValue
    {
        /// <summary>The one None.</summary>
        public static None Value { get; } = new();

        private protected override string Describe() => "None";
    }

    /// <summary>True or False.</summary>
    /// <param name="Value">Which.</param>
    public sealed record Truth(bool Value) : PickleValue
    {
        private protected override string Describe() => Value ? "True" : "False";
    }

    /// <summary>A whole number of any size.</summary>
    /// <param name="Value">The number.</param>
    public sealed record Integer(BigInteger Value) : PickleValue
    {
        private protected override string Describe() => Value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A floating-point number.</summary>
    /// <param name="Value">The number.</param>
    public sealed record Real(double Value) : PickleValue
    {
        private protected override string Describe() => Value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A text.</summary>
    /// <param name="Value">The text.</param>
    public sealed record Text(string Value) : PickleValue
    {
        private protected override string Describe() => $"'{Value}'";
    }

    /// <summary>A list.</summary>
    /// <param name="Items">Its items.</param>
    public sealed record List(Sequence<PickleValue> Items) : PickleValue
    {
        private protected override string Describe() => $"a list of {Items.Count}";
    }

    /// <summary>A tuple; a <c>torch.Size</c> is one, too.</summary>
    /// <param name="Items">Its items.</param>
    public sealed record Tuple(Sequence<PickleValue> Items) : PickleValue
    {
        private protected override string Describe() => $"a tuple of {Items.Count}";
    }

    /// <summary>A dictionary; its keys are texts, numbers, truth values or None, each once.</summary>
    /// <param name="Kind">The Python type.</param>
    /// <param name="Entries">Its entries, in order.</param>
    public sealed record Dictionary(PickleDictionaryKind Kind, Sequence<KeyValuePair<PickleValue, PickleValue>> Entries) : PickleValue
    {
        /// <summary>The value under a text key, or null.</summary>
        public PickleValue? this[string key] =>
            Entries.FirstOrDefault(entry => entry.Key is Text text && text.Value == key).Value;

        private protected override string Describe() => $"a dictionary of {Entries.Count}";
    }

    /// <summary>An object of a class that is only named, in a pickle of modules. It is data: nothing of the class is here.</summary>
    /// <param name="Class">The class, or the function that would make it, with its module.</param>
    /// <param name="Arguments">What it is made with.</param>
    /// <param name="State">What is put into it then; None for nothing.</param>
    /// <param name="Entries">What it holds as a dictionary does, in order.</param>
    public sealed record Instance(
        string Class, Sequence<PickleValue> Arguments, PickleValue State, Sequence<KeyValuePair<PickleValue, PickleValue>> Entries)
        : PickleValue
    {
        private protected override string Describe() => $"an object of {Class}";
    }

    /// <summary>Bytes, in a pickle of modules; they stay in the file.</summary>
    /// <param name="Start">Where in the file they begin.</param>
    /// <param name="Count">How many there are.</param>
    public sealed record Bytes(long Start, long Count) : PickleValue
    {
        private protected override string Describe() => Counted.Of(Count, "byte");
    }

    /// <summary>A tensor.</summary>
    /// <param name="Value">Its description; <see cref="TorchPickleFile.Load"/> makes the tensor itself.</param>
    public sealed record Tensor(PickleTensor Value) : PickleValue
    {
        private protected override string Describe() => $"a tensor {Value.Type} {Value.Shape}";
    }
}

/// <summary>The Python types of dictionaries.</summary>
public enum PickleDictionaryKind
{
    /// <summary><c>dict</c>.</summary>
    Plain,

    /// <summary><c>collections.OrderedDict</c>, as state dictionaries are.</summary>
    Ordered,
}
