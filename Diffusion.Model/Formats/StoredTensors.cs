using System.Collections.ObjectModel;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Model.Formats;

/// <summary>The named tensors of an open file, safetensors or PyTorch's, or of several whose index was opened.</summary>
public sealed class StoredTensors : IDisposable
{
    // Of several sets of weights in one file, those to draw with come first.
    private static readonly string[] Preferred = ["ema_model", "ema", "average", "state_dict", "model", "unet"];

    private readonly IDisposable _file;

    private StoredTensors(string path, IDisposable file, IReadOnlyList<StoredTensor> all)
    {
        (Path, _file, All) = (path, file, all);
        Module = (file as TorchPickleFile)?.Module;
        Metadata = (file as SafetensorsFile)?.Metadata ?? (file as TorchPickleFile)?.Metadata ?? ReadOnlyDictionary<string, string>.Empty;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensors, also those that are nested in a checkpoint of a training, by their whole names.</summary>
    public IReadOnlyList<StoredTensor> All { get; }

    /// <summary>What a pickle of modules says of its network besides its tensors; null where it is no such file.</summary>
    public PickledModule? Module { get; private init; }

    /// <summary>The texts that a file carries beside its tensors: safetensors, or the zip container of PyTorch.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header; no tensor is read yet. An index of shards stands for all of them.</summary>
    /// <exception cref="InputException">A shard is missing.</exception>
    /// <exception cref="InvalidFileException">It is damaged, or no file of names and tensors.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static StoredTensors Open(string path)
    {
        if (path.EndsWith(".json", StringComparison.Ordinal))
        {
            var files = new Opened();
            return Owning(path, files, () => Sharded(path, files));
        }
        return Single(path);
    }

    /// <summary>Opens a file given by its bytes, which are disposed of with the result, or at once where they are refused.</summary>
    /// <exception cref="InvalidFileException">It is damaged, or no file of names and tensors.</exception>
    public static StoredTensors Open(FileBytes bytes)
    {
        var start = bytes.Slice(0, (int)Min(bytes.Length, NpyHeader.Magic.Length), "the beginning");
        if (start.SequenceEqual(NpyHeader.Magic))
        {
            bytes.Dispose();
            throw InvalidFileException.OfKind(bytes.Path, "an array of NumPy, which has no name");
        }
        return IsSafetensors(bytes) ? Of(Safetensors.Open(bytes)) : Of(TorchPickle.Open(bytes));
    }

    /// <summary>Tensors that are in no file.</summary>
    /// <param name="path">What it is called, for messages.</param>
    /// <param name="all">The tensors.</param>
    /// <param name="module">What is said of their network.</param>
    internal static StoredTensors Of(string path, IReadOnlyList<StoredTensor> all, PickledModule? module = null) =>
        new(path, new Opened(), all) { Module = module };

    /// <summary>The tensors of one network: those whose names begin as that of its first one does.</summary>
    /// <param name="first">The end of the name that every network of its kind has once, such as <c>conv_in.weight</c>.</param>
    /// <returns>
    /// The tensors, named without what stands before all of them, and what was taken and passed over in a sentence, null where it is all of
    /// the file; null where there is no such name.
    /// </returns>
    /// <exception cref="InputException">There are several networks, and none of them is an average.</exception>
    public (IReadOnlyList<StoredTensor> Tensors, string? Note)? Under(string first)
    {
        if (Prefix(first) is not { } prefix)
            return null;
        var inside = All.ToLookup(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal));
        var others = inside[false].ToArray();
        var note = prefix.Length == 0 ? null : $"{Path}: the weights are those under '{prefix}'" +
            (others.Length == 0 ? "" : $"; {Counted.Of(others.Length, "other tensor")}, such as '{others[0].Name}', "
                + $"{(others.Length == 1 ? "is" : "are")} passed over");
        return ([.. inside[true].Select(tensor => tensor with { Name = tensor.Name[prefix.Length..] })], note);
    }

    /// <summary>The tensors that hold NaN or infinities, as a message names each: see <see cref="NonFinite"/>.</summary>
    /// <param name="most">
    /// Bytes that are read; tensors beyond them are passed over, for those of a file of PyTorch may name the same bytes again and again.
    /// </param>
    /// <exception cref="InvalidFileException">The data of one hold what the type cannot, or do not have their checksum.</exception>
    public IEnumerable<string> WithNonFinite(long most)
    {
        var left = (double)most;
        foreach (var tensor in All.Where(tensor => torch.is_floating_point(tensor.Type.Loaded)))
        {
            var size = (double)tensor.Shape.Elements * tensor.Type.Size;
            if (size > left)
                continue;
            left -= size;
            using var numbers = torch.empty(tensor.Shape.ToArray(), tensor.Type.Loaded);
            tensor.CopyInto(numbers);
            if (NonFinite.In(tensor.Name, numbers) is { } broken)
                yield return broken;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private string? Prefix(string first)
    {
        string[] prefixes = [.. All.Select(tensor => tensor.Name).Where(name => name.EndsWith(first, StringComparison.Ordinal))
            .Select(name => name[..^first.Length]).Where(prefix => prefix.Length == 0 || prefix.EndsWith('.')).Distinct()];
        if (prefixes.Length <= 1)
            return prefixes.FirstOrDefault();
        int Rank(string prefix) => Array.FindIndex(Preferred, word => prefix.Contains(word, StringComparison.OrdinalIgnoreCase)) is >= 0
            and var rank ? rank : Preferred.Length;
        string[] best = [.. prefixes.GroupBy(Rank).MinBy(group => group.Key)!];
        return best is [var only]
            ? only : throw new InputException(Path, $"several networks, such as '{best[0]}' and '{best[1]}'", "the weights of one");
    }

    private static StoredTensors Single(string path)
    {
        if (path.EndsWith(Safetensors.Extension, StringComparison.Ordinal))
            return Of(Safetensors.Open(path));
        return Open(FileBytes.Map(path));
    }

    // What is neither is left to PyTorch's reader, which says what it is.
    private static bool IsSafetensors(FileBytes bytes) => bytes.Length > SafetensorsHeader.Prefix
        && bytes.Slice(SafetensorsHeader.Prefix, 1, "the beginning")[0] == '{' && !bytes.Slice(0, 2, "the beginning").SequenceEqual("PK"u8);

    private static StoredTensors Of(SafetensorsFile file) => Owning(file.Path, file, () =>
        [.. file.Entries.Select(entry => new StoredTensor(entry.Name, entry.Shape, target => Copy(file, entry, target))
        {
            Type = entry.Type,
        })]);

    private static StoredTensors Of(TorchPickleFile file) => Owning(file.Path, file, () =>
        [.. file.Tensors().Select(item => new StoredTensor(item.Name, item.Tensor.Shape, target => file.CopyInto(item.Tensor, target))
        {
            Type = item.Tensor.Type,
        })]);

    // Each tensor that the index names, from the file that it names, which lies beside it.
    private static IReadOnlyList<StoredTensor> Sharded(string path, Opened files)
    {
        var tensors = new List<StoredTensor>();
        foreach (var shard in ShardIndex.Read(path))
        {
            var place = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path) ?? "", shard.Key);
            if (!File.Exists(place))
                throw new InputException(
                    place, "no such file or folder", $"a shard of the weights, which {System.IO.Path.GetFileName(path)} names");
            var file = Single(place);
            files.Add(file);
            var byName = file.All.ToLookup(tensor => tensor.Name);
            foreach (var name in shard)
                tensors.Add(byName[name].FirstOrDefault() is { } tensor ? tensor
                    : throw new InputException(place, $"no tensor '{name}'", $"what {System.IO.Path.GetFileName(path)} says of it"));
        }
        return tensors;
    }

    private static void Copy(SafetensorsFile file, SafetensorsEntry entry, torch.Tensor target)
    {
        if (entry.Type == ElementType.Of(target.dtype) && target.is_contiguous())
        {
            file.CopyInto(entry.Name, target);
            return;
        }
        using var loaded = file.Load(entry.Name);
        target.copy_(loaded);
    }

    private static StoredTensors Owning(string path, IDisposable file, Func<IReadOnlyList<StoredTensor>> list)
    {
        try
        {
            return new(path, file, list());
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private sealed class Opened : IDisposable
    {
        private readonly List<IDisposable> _files = [];

        public void Add(IDisposable file) => _files.Add(file);

        public void Dispose() => _files.ForEach(file => file.Dispose());
    }
}
