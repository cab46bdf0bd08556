using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;

namespace Diffusion.Model.Formats.Torch;

/// <summary>The few things outside a pickle that it may name. None of them does more than describe a tensor.</summary>
internal abstract record PickleGlobal : IPickleItem
{
    private static readonly (string Name, ElementType Type)[] Storages =
    [
        ("BoolStorage", ElementType.Bool), ("ByteStorage", ElementType.UInt8), ("CharStorage", ElementType.Int8),
        ("ShortStorage", ElementType.Int16),
        ("HalfStorage", ElementType.Float16), ("BFloat16Storage", ElementType.BFloat16), ("IntStorage", ElementType.Int32),
        ("FloatStorage", ElementType.Float32), ("DoubleStorage", ElementType.Float64), ("LongStorage", ElementType.Int64),
    ];

    private static readonly Dictionary<string, PickleGlobal> Known = MakeKnown();

    private static readonly HashSet<string> InertNames =
    [
        "torch_utils.persistence._reconstruct_persistent_obj", "dnnlib.util.EasyDict", "torch.device", "torch.float16", "torch.float32",
        "torch.float64", "torch.nn.modules.container.ModuleDict", "torch.nn.modules.container.ModuleList",
        "torch.nn.modules.container.Sequential", "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy.dtype",
        "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct", "numpy.ndarray",
    ];

    private PickleGlobal()
    {
    }

    /// <summary>The global of that module and name, or null for every other than these few.</summary>
    public static PickleGlobal? Find(string module, string name) => Known.GetValueOrDefault($"{module}.{name}");

    /// <summary>The name in <c>torch</c> of the class of storages of a type that tensors can have.</summary>
    public static string StorageName(ElementType type) => Storages.Single(storage => storage.Type == type).Name;

    /// <summary>
    /// The same in a pickle of modules, which also names classes of PyTorch, numpy and NVIDIA's persistent objects: they are kept as names.
    /// </summary>
    public static PickleGlobal? FindInModules(string module, string name) =>
        Find(module, name) ?? (InertNames.Contains($"{module}.{name}") ? new Inert($"{module}.{name}")
            : $"{module}.{name}" == "torch.storage._load_from_bytes" ? new StorageBytes() : null);

    /// <summary>The same in a pickle of arrays, which names classes of numpy alone.</summary>
    public static PickleGlobal? FindInArrays(string module, string name) =>
        module.StartsWith("numpy", StringComparison.Ordinal) && InertNames.Contains($"{module}.{name}")
            ? new Inert($"{module}.{name}") : null;

    /// <summary>Calls it.</summary>
    /// <exception cref="InvalidFileException">The arguments are not what tensors need.</exception>
    public abstract IPickleItem Call(PickleArguments arguments);

    /// <summary><c>collections.OrderedDict()</c>: an empty one, to be filled.</summary>
    public sealed record OrderedDictionary : PickleGlobal
    {
        /// <inheritdoc/>
        public override IPickleItem Call(PickleArguments arguments)
        {
            arguments.RequireCount(0, 0);
            return new GrowingDictionary(PickleDictionaryKind.Ordered);
        }
    }

    /// <summary><c>torch.Size(tuple)</c>.</summary>
    public sealed record Size : PickleGlobal
    {
        /// <inheritdoc/>
        public override IPickleItem Call(PickleArguments arguments)
        {
            arguments.RequireCount(1, 1);
            arguments.Integers(0);
            return arguments.Take<GrowingTuple>(0);
        }
    }

    /// <summary><c>torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)</c>, or the first four.</summary>
    public sealed record RebuildTensor : PickleGlobal
    {
        /// <inheritdoc/>
        public override IPickleItem Call(PickleArguments arguments)
        {
            arguments.RequireCount(4, 6);
            var (sizes, strides) = (arguments.Integers(2), arguments.Integers(3));
            var shape = TensorShape.TryOf(sizes.AsSpan()) ?? throw arguments.Refuse($"makes a tensor of the impossible shape {sizes}");
            var tensor = new PickleTensor(arguments.Take<PickleStorage>(0), shape, strides, arguments.Integer(1))
            {
                RequiresGradient = arguments.Count > 4 && arguments.Take<PickleValue.Truth>(4).Value,
            };
            if (arguments.Count > 5)
                RequireNoHooks(arguments, 5);
            return tensor.FitsStorage()
                ? new PickleValue.Tensor(tensor)
                : throw arguments.Refuse($"makes a tensor of shape {shape}, strides {strides} and offset {tensor.Offset} "
                    + $"that reaches beyond the {tensor.Storage.Elements} elements of its storage");
        }
    }

    /// <summary><c>torch._utils._rebuild_parameter(tensor, requires_grad, hooks)</c>.</summary>
    public sealed record RebuildParameter : PickleGlobal
    {
        /// <inheritdoc/>
        public override IPickleItem Call(PickleArguments arguments)
        {
            arguments.RequireCount(3, 3);
            RequireNoHooks(arguments, 2);
            var (tensor, gradient) = (arguments.Take<PickleValue.Tensor>(0).Value, arguments.Take<PickleValue.Truth>(1).Value);
            return new PickleValue.Tensor(tensor with { IsParameter = true, RequiresGradient = gradient });
        }
    }

    /// <summary>The class of a storage, which is named, never called.</summary>
    public sealed record Storage(ElementType Type) : PickleGlobal
    {
        /// <inheritdoc/>
        public override IPickleItem Call(PickleArguments arguments) => throw arguments.Refuse("is called; expected only its name");
    }

    /// <summary>A class or function that is only named: what it is called with is kept beside its name.</summary>
    public sealed record Inert(string Name) : PickleGlobal
    {
        /// <inheritdoc/>
        public override IPickleItem Call(PickleArguments arguments) => new GrowingObject(Name, arguments.Items);
    }

    /// <summary><c>torch.storage._load_from_bytes(bytes)</c>: a storage in a legacy file inside the pickle, read by the machine.</summary>
    public sealed record StorageBytes : PickleGlobal
    {
        /// <inheritdoc/>
        public override IPickleItem Call(PickleArguments arguments)
        {
            arguments.RequireCount(1, 1);
            return arguments.Take<PickleValue.Bytes>(0);
        }
    }

    // Hooks are functions to be run: tensors that are saved have none.
    private static void RequireNoHooks(PickleArguments arguments, int index)
    {
        if (arguments.Take<GrowingDictionary>(index).Entries.Count > 0)
            throw arguments.Refuse("has hooks, which are code");
    }

    private static Dictionary<string, PickleGlobal> MakeKnown()
    {
        var known = new Dictionary<string, PickleGlobal>
        {
            ["collections.OrderedDict"] = new OrderedDictionary(),
            ["torch.Size"] = new Size(),
            ["torch._utils._rebuild_tensor"] = new RebuildTensor(),
            ["torch._utils._rebuild_tensor_v2"] = new RebuildTensor(),
            ["torch._utils._rebuild_parameter"] = new RebuildParameter(),
        };
        foreach (var (name, type) in Storages)
        {
            known[$"torch.{name}"] = new Storage(type);
            // What was saved from a GPU before PyTorch 0.4.
            known[$"torch.cuda.{name}"] = new Storage(type);
        }
        return known;
    }
}
