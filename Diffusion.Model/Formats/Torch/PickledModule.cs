using Diffusion.Math.Values;

namespace Diffusion.Model.Formats.Torch;

/// <summary>
/// An <c>nn.Module</c> in a pickle, as data: the name of its class, what it was made with, its tensors, and the modules in it.
/// </summary>
/// <remarks>NVIDIA's persistent objects say all of that in one dictionary: <c>class_name</c>, <c>state</c>, and the source of the class,
/// which is passed over.</remarks>
public sealed class PickledModule
{
    private const string Persistent = "torch_utils.persistence._reconstruct_persistent_obj";

    private readonly PickleValue.Dictionary _state;

    private PickledModule(string name, PickleValue.Dictionary state) => (Class, _state) = (name, state);

    /// <summary>The name of its class, without that of the class's module.</summary>
    public string Class { get; }

    /// <summary>The named arguments that it was made with, where they were recorded.</summary>
    public Sequence<KeyValuePair<PickleValue, PickleValue>> Arguments => EntriesOf(_state["_init_kwargs"]);

    /// <summary>A named argument that it was made with; null where none of that name was recorded.</summary>
    public PickleValue? this[string argument] => ValueOf(Arguments, argument);

    /// <summary>The module that a value is; null where it is none.</summary>
    public static PickledModule? Of(PickleValue? value) => value switch
    {
        PickleValue.Instance { Class: Persistent, Arguments: [PickleValue.Dictionary meta] } =>
            meta["class_name"] is PickleValue.Text name && meta["state"] is PickleValue.Dictionary state ? new(name.Value, state) : null,
        PickleValue.Instance { State: PickleValue.Dictionary state } made => new(made.Class[(made.Class.LastIndexOf('.') + 1)..], state),
        _ => null,
    };

    /// <summary>The network of a training's pickle: its average, or the whole; null where there is none.</summary>
    internal static PickledModule? In(PickleValue content) =>
        Of(content) ?? Of(ValueOf(EntriesOf(content), "ema")) ?? Of(ValueOf(EntriesOf(content), "net"));

    /// <summary>The modules in it, by name.</summary>
    public IEnumerable<(string Name, PickledModule Module)> Modules()
    {
        foreach (var (key, value) in EntriesOf(_state["_modules"]))
            if (key is PickleValue.Text name && Of(value) is { } module)
                yield return (name.Value, module);
    }

    /// <summary>Its parameters and buffers and those of the modules in it, under the names of a state dictionary.</summary>
    public IEnumerable<(string Name, PickleTensor Tensor)> Tensors()
    {
        foreach (var (key, value) in EntriesOf(_state["_parameters"]).Concat(EntriesOf(_state["_buffers"])))
            if (key is PickleValue.Text name && value is PickleValue.Tensor tensor)
                yield return (name.Value, tensor.Value);
        foreach (var (inner, module) in Modules())
            foreach (var (name, tensor) in module.Tensors())
                yield return ($"{inner}.{name}", tensor);
    }

    private static Sequence<KeyValuePair<PickleValue, PickleValue>> EntriesOf(PickleValue? value) => value switch
    {
        PickleValue.Dictionary dictionary => dictionary.Entries,
        PickleValue.Instance made => made.Entries,
        _ => [],
    };

    private static PickleValue? ValueOf(Sequence<KeyValuePair<PickleValue, PickleValue>> entries, string name) =>
        entries.FirstOrDefault(entry => entry.Key is PickleValue.Text text && text.Value == name).Value;
}
