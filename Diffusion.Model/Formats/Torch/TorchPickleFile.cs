using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Zip;
using TorchSharp;

namespace Diffusion.Model.Formats.Torch;

/// <summary>An open PyTorch file. Its pickle has been run and checked; tensors are loaded when they are asked for.</summary>
public sealed class TorchPickleFile : IDisposable
{
    // A dictionary can hold another many times over: what is gathered is bounded.
    private const int NestedAtMost = 3;
    private const int MostEntries = 200_000;

    private readonly FileBytes _file;
    private readonly TorchContainer _container;

    // Tensors that share a storage in the file share it here.
    private readonly Dictionary<PickleStorage, torch.Tensor> _loaded = [];

    // Of storages that are not used no byte is read, and of the others once more than for themselves.
    private readonly Dictionary<PickleStorage, ZipEntry> _unverified;

    private readonly Lazy<FileDescription> _description;

    internal TorchPickleFile(FileBytes file)
        : this(file, file.Path.EndsWith(TorchContainer.ModulesExtension, StringComparison.Ordinal)
            ? PickleVocabulary.Modules : PickleVocabulary.Tensors)
    {
    }

    internal TorchPickleFile(FileBytes file, PickleVocabulary vocabulary)
    {
        (_file, _container) = (file, TorchContainer.Read(file, vocabulary));
        _unverified = new(_container.Entries);
        _description = new(() => new PickleDescription(_container.Budget).Describe(Content, file.Length));
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>What the file holds.</summary>
    public PickleValue Content => _container.Content;

    /// <summary>The texts that the file carries beside its tensors, as this program writes them; empty for files of others.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _container.Metadata;

    /// <summary>The network of a pickle of modules; null where the file holds none.</summary>
    public PickledModule? Module => PickledModule.In(Content);

    /// <summary>What the file holds.</summary>
    /// <exception cref="InvalidFileException">The names of all that is nested take more memory than a file of its size may.</exception>
    public FileDescription Description => _description.Value;

    /// <summary>The tensor of this description, on the CPU, with its strides. Tensors of one storage share memory.</summary>
    /// <exception cref="InvalidFileException">The data hold what the type cannot, or do not have their checksum.</exception>
    /// <exception cref="ArgumentException">The description is not from this file.</exception>
    public torch.Tensor Load(PickleTensor tensor) =>
        Storage(tensor.Storage).as_strided(tensor.Shape.ToArray(), [.. tensor.Strides], tensor.Offset);

    /// <summary>Copies the tensor of this description over the elements of <paramref name="destination"/>, which has its shape.</summary>
    /// <remarks>Straight from the file where the elements are of one type and lie in row-major order.</remarks>
    /// <exception cref="InvalidFileException">The data hold what the type cannot, or do not have their checksum.</exception>
    /// <exception cref="ArgumentException">The description is not from this file.</exception>
    public void CopyInto(PickleTensor tensor, torch.Tensor destination)
    {
        if (tensor.Type == ElementType.Bool
            || tensor.Type.Loaded != destination.dtype || !tensor.Strides.SequenceEqual(PickleTensor.RowMajor(tensor.Shape)))
        {
            using var scope = torch.NewDisposeScope();
            destination.copy_(Load(tensor));
            return;
        }
        var start = Offset(tensor.Storage) + tensor.Offset * tensor.Type.Size;
        TensorBytes.Write(destination, (memory, offset) => _file.Slice(start + offset, memory.Length, tensor.Storage.Key).CopyTo(memory));
    }

    /// <summary>The tensors of <see cref="Content"/>, which must be a dictionary of names and tensors, in its order.</summary>
    /// <exception cref="InvalidFileException">It is something else.</exception>
    public IReadOnlyList<(string Name, PickleTensor Tensor)> StateDict() => StateDict(Content);

    /// <summary>
    /// Every tensor under a name, also those of dictionaries within dictionaries, whose names then stand before with a full stop between.
    /// Numbers and texts beside them, which checkpoints of a training have, are passed over.
    /// </summary>
    /// <exception cref="InvalidFileException">There is none.</exception>
    public IReadOnlyList<(string Name, PickleTensor Tensor)> Tensors()
    {
        if (Module is { } module)
        {
            var found = module.Tensors().Take(MostEntries + 1).ToList();
            return found.Count <= MostEntries ? found : throw _file.Invalid(0, $"the network has more than {MostEntries} tensors");
        }
        if (Content is not PickleValue.Dictionary all)
            throw _file.Invalid(0, $"the file holds {Content}; expected a dictionary of names and tensors");
        var (tensors, looked) = (new List<(string, PickleTensor)>(), 0);
        Gather(all, "", NestedAtMost, tensors, ref looked);
        return tensors.Count > 0 ? tensors
            : throw _file.Invalid(0, $"the file holds {Content} with no tensor under a name; expected a dictionary of names and tensors");
    }

    private void Gather(PickleValue.Dictionary dictionary, string prefix, int depth, List<(string, PickleTensor)> tensors, ref int looked)
    {
        foreach (var (key, value) in dictionary.Entries)
        {
            if (++looked > MostEntries)
                throw _file.Invalid(0, $"the file's dictionaries have more than {MostEntries} entries; expected those of a network");
            if (key is not PickleValue.Text name)
                continue;
            if (value is PickleValue.Tensor tensor)
                tensors.Add((prefix + name.Value, tensor.Value));
            else if (value is PickleValue.Dictionary inner && depth > 0)
                Gather(inner, $"{prefix}{name.Value}.", depth - 1, tensors, ref looked);
        }
    }

    /// <summary>The same, loaded.</summary>
    /// <exception cref="InvalidFileException">It is something else.</exception>
    public IReadOnlyList<(string Name, torch.Tensor Tensor)> ReadStateDict() => ReadStateDict(Content);

    /// <summary>The tensors of a part of <see cref="Content"/>, which must be a dictionary of names and tensors, in its order.</summary>
    /// <exception cref="InvalidFileException">It is something else.</exception>
    public IReadOnlyList<(string Name, torch.Tensor Tensor)> ReadStateDict(PickleValue part) =>
        [.. StateDict(part).Select(item => (item.Name, Load(item.Tensor)))];

    /// <summary>Closes the file. Tensors that were loaded stay.</summary>
    public void Dispose()
    {
        foreach (var storage in _loaded.Values)
            storage.Dispose();
        _loaded.Clear();
        _file.Dispose();
    }

    private IReadOnlyList<(string Name, PickleTensor Tensor)> StateDict(PickleValue part)
    {
        if (part is not PickleValue.Dictionary dictionary)
            throw _file.Invalid(0, $"the file holds {part}; expected a dictionary of names and tensors");
        return [.. dictionary.Entries.Select(entry => (entry.Key, entry.Value) switch
        {
            (PickleValue.Text name, PickleValue.Tensor tensor) => (name.Value, tensor.Value),
            var (key, value) => throw _file.Invalid(0, $"under {key} the file holds {value}; expected a name and a tensor"),
        })];
    }

    private torch.Tensor Storage(PickleStorage storage)
    {
        if (_loaded.TryGetValue(storage, out var loaded))
            return loaded;
        var start = Offset(storage);
        loaded = TensorBytes.Load(
            storage.Type, TensorShape.Of(storage.Elements),
            (memory, offset) => _file.Slice(start + offset, memory.Length, storage.Key).CopyTo(memory),
            reason => _file.Invalid(start, reason));
        _loaded.Add(storage, loaded.DetachFromDisposeScope());
        return loaded;
    }

    private long Offset(PickleStorage storage)
    {
        if (!_container.Offsets.TryGetValue(storage, out var start))
            throw new ArgumentException($"There is no storage '{storage.Key}' in {Path}.", nameof(storage));
        if (_unverified.TryGetValue(storage, out var entry))
            entry.Verify(_file);
        _unverified.Remove(storage);
        return start;
    }
}
