using System.Text.Json;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Networks;
using TorchSharp;

namespace Diffusion.Model.Formats;

/// <summary>An open file of a U-Net's weights, safetensors or PyTorch's, under the present or the 2022 names of attention.</summary>
public sealed class WeightFile : IDisposable
{
    private const string Expected = "the weights of the network that the configuration describes";

    private static readonly (string Old, string New)[] Renamed =
        [(".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v."), (".proj_attn.", ".to_out.0.")];

    // Every network here begins with it, so that what stands before it stands before every name.
    private const string First = "conv_in.weight";

    private const long LongestIndex = 64 << 20;

    // Of several sets of weights in one file, those to draw with come first.
    private static readonly string[] Preferred = ["ema", "average", "state_dict", "model", "unet"];

    private readonly string _path;
    private readonly IDisposable _file;
    private readonly Dictionary<string, Stored> _tensors = [];

    private WeightFile(string path, IDisposable file, IReadOnlyList<Stored> tensors)
    {
        (_path, _file) = (path, file);
        var prefix = Prefix(path, tensors);
        var others = tensors.Where(tensor => !tensor.Name.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        if (prefix.Length > 0)
            Note = $"{path}: the weights are those under " +
                $"'{prefix}'{(others.Length == 0 ? "" : $"; {others.Length} other tensors, such as '{others[0].Name}', are passed over")}";
        foreach (var tensor in tensors.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)))
            if (!_tensors.TryAdd(Present(tensor.Name[prefix.Length..]), tensor))
            {
                var first = _tensors[Present(tensor.Name[prefix.Length..])].Name;
                throw new InputException(path, $"'{first}' and '{tensor.Name}', two names of one tensor", "each tensor once");
            }
    }

    /// <summary>What of the file was taken and what was passed over, in a sentence; null where it is all of it.</summary>
    public string? Note { get; }

    private sealed record Stored(string Name, TensorShape Shape, Action<torch.Tensor> CopyInto);

    /// <summary>Opens a file and checks its header; no tensor is read yet.</summary>
    /// <exception cref="InputException">Two of its names stand for one tensor.</exception>
    /// <exception cref="InvalidFileException">It is damaged, or no file of names and tensors.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <remarks>An index of shards stands for all of them. Weights may be nested in a checkpoint of a training, or have a prefix.</remarks>
    public static WeightFile Open(string path)
    {
        if (path.EndsWith(".json", StringComparison.Ordinal))
        {
            var files = new Opened();
            return Owning(files, () => new(path, files, Sharded(path, files)));
        }
        var (file, tensors) = Single(path);
        return Owning(file, () => new(path, file, tensors()));
    }

    private static (IDisposable File, Func<IReadOnlyList<Stored>> Tensors) Single(string path)
    {
        if (path.EndsWith(Safetensors.Extension, StringComparison.Ordinal))
        {
            var file = Safetensors.Open(path);
            return (file, () =>
                [.. file.Entries.Select(entry => new Stored(entry.Name, entry.Shape, target => Copy(file, entry, target)))]);
        }
        var pickle = TorchPickle.Open(path);
        return (pickle, () =>
            [.. pickle.Tensors().Select(item => new Stored(item.Name, item.Tensor.Shape, target => pickle.CopyInto(item.Tensor, target)))]);
    }

    // Each tensor that the index names, from the file that it names, which lies beside it.
    private static IReadOnlyList<Stored> Sharded(string path, Opened files)
    {
        var map = Map(path);
        var tensors = new List<Stored>();
        foreach (var shard in map)
        {
            if (shard.Key.Length == 0 || shard.Key is "." or ".." || shard.Key.AsSpan().ContainsAny('/', '\\', '\0'))
                throw new InputException(path, $"a shard called '{shard.Key}'", "the name of a file beside it");
            var place = Path.Combine(Path.GetDirectoryName(path) ?? "", shard.Key);
            if (!File.Exists(place))
                throw new InputException(place, "no such file or folder", $"a shard of the weights, which {Path.GetFileName(path)} names");
            var (file, held) = Single(place);
            files.Add(file);
            var byName = held().ToDictionary(tensor => tensor.Name);
            foreach (var name in shard)
                tensors.Add(byName.TryGetValue(name, out var tensor)
                    ? tensor : throw new InputException(place, $"no tensor '{name}'", $"what {Path.GetFileName(path)} says of it"));
        }
        return tensors;
    }

    private static ILookup<string, string> Map(string path)
    {
        if (new FileInfo(path).Length > LongestIndex)
            throw new InputException(path, "an index of more than 64 MB", "a list of names");
        try
        {
            using var document = JsonDocument.Parse(InputFile.Reading(path, () => OrdinaryFile.ReadAll(path, LongestIndex)));
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("weight_map", out var map)
                && map.ValueKind == JsonValueKind.Object && map.EnumerateObject().All(item => item.Value.ValueKind == JsonValueKind.String))
                return map.EnumerateObject()
                    .Select(item => (item.Name, File: item.Value.GetString()!)).ToLookup(item => item.File, item => item.Name);
        }
        // The second for a text that escapes half a surrogate pair.
        catch (Exception refusal) when (refusal is JsonException or InvalidOperationException)
        {
            throw new InputException(path, Impostor.At(path) ?? "no JSON", "an index of shards", refusal);
        }
        throw new InputException(path, "no weight_map of names and files", "an index of shards");
    }

    private static string Prefix(string path, IReadOnlyList<Stored> tensors)
    {
        string[] prefixes = [.. tensors.Select(tensor => tensor.Name).Where(name => name.EndsWith(First, StringComparison.Ordinal))
            .Select(name => name[..^First.Length]).Where(prefix => prefix.Length == 0 || prefix.EndsWith('.')).Distinct()];
        if (prefixes.Length <= 1)
            return prefixes.FirstOrDefault() ?? "";
        int Rank(string prefix) => Array.FindIndex(Preferred, word => prefix.Contains(word, StringComparison.OrdinalIgnoreCase)) is >= 0
            and var rank ? rank : Preferred.Length;
        string[] best = [.. prefixes.GroupBy(Rank).MinBy(group => group.Key)!];
        return best is [var only]
            ? only : throw new InputException(path, $"several networks, such as '{best[0]}' and '{best[1]}'", "the weights of one");
    }

    private sealed class Opened : IDisposable
    {
        private readonly List<IDisposable> _files = [];

        public void Add(IDisposable file) => _files.Add(file);

        public void Dispose() => _files.ForEach(file => file.Dispose());
    }

    /// <summary>A network of the shape with these weights. It is made only when the file has just what it needs.</summary>
    /// <exception cref="InputException">These are the weights of another network; the message names the first tensor that
    /// differs.</exception>
    public UNet Load(UNetShape shape)
    {
        Check(shape);
        var network = UNet.Unfilled(shape);
        try
        {
            Fill(network);
            network.eval();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Copies the weights over those of a network, straight from the file where type and layout are the same.</summary>
    /// <exception cref="InputException">
    /// These are the weights of another network; the message names the first tensor that differs.
    /// </exception>
    public void Fill(UNet network)
    {
        using var guard = torch.no_grad();
        foreach (var (tensor, parameter) in Matched(network))
            tensor.CopyInto(parameter);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    // Sizes first: an outline has no weights, but even names and biases of a billion blocks are too many.
    private void Check(UNetShape shape)
    {
        var elements = _tensors.Values.Sum(tensor => (double)tensor.Shape.Elements);
        var widest = shape.Levels.Max(level => (double)level.Channels);
        if ((double)shape.BlocksPerLevel * shape.Levels.Count > _tensors.Count)
            throw Foreign($"{_tensors.Count} tensors", $"those of {shape.BlocksPerLevel} blocks at each of {shape.Levels.Count} levels");
        double[] needed = [widest * widest, shape.Labels?.Rows ?? 0, shape.InputChannels, shape.OutputChannels];
        if (needed.Max() > elements)
            throw Foreign($"{elements:0} numbers", "those of the network that the configuration describes, which has more");
        using var outline = UNet.Outline(shape);
        foreach (var _ in Matched(outline))
            continue;
    }

    private IEnumerable<(Stored Tensor, torch.Tensor Parameter)> Matched(UNet network)
    {
        var left = new HashSet<string>(_tensors.Keys);
        foreach (var (name, parameter) in network.named_parameters())
        {
            if (!left.Remove(name))
                throw Foreign($"no tensor '{name}'", Expected);
            var tensor = _tensors[name];
            if (!tensor.Shape.SequenceEqual(parameter.shape))
                throw Foreign($"'{tensor.Name}' of shape {tensor.Shape}", $"[{string.Join(", ", parameter.shape)}]");
            yield return (tensor, parameter);
        }
        if (left.Count > 0)
            throw Foreign($"'{left.First()}' and {left.Count - 1} other tensors", Expected);
    }

    private InputException Foreign(string found, string expected) => new(_path, found, expected);

    private static void Copy(SafetensorsFile file, SafetensorsEntry entry, torch.Tensor target)
    {
        if (entry.Type == ElementType.Of(target.dtype))
        {
            file.CopyInto(entry.Name, target);
            return;
        }
        using var loaded = file.Load(entry.Name);
        target.copy_(loaded);
    }

    private static WeightFile Owning(IDisposable file, Func<WeightFile> open)
    {
        try
        {
            return open();
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static string Present(string name) =>
        name.Contains(".attentions.", StringComparison.Ordinal)
            ? Renamed.Aggregate(name, (present, change) => present.Replace(change.Old, change.New, StringComparison.Ordinal))
            : name;
}
