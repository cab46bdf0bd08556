using Diffusion.Math.Values;
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

    private readonly string _path;
    private readonly IDisposable _file;
    private readonly Dictionary<string, Stored> _tensors = [];

    private WeightFile(string path, IDisposable file, IEnumerable<Stored> tensors)
    {
        (_path, _file) = (path, file);
        foreach (var tensor in tensors)
            if (!_tensors.TryAdd(Present(tensor.Name), tensor))
            {
                var first = _tensors[Present(tensor.Name)].Name;
                throw new InputException(path, $"'{first}' and '{tensor.Name}', two names of one tensor", "each tensor once");
            }
    }

    private sealed record Stored(string Name, TensorShape Shape, Action<torch.Tensor> CopyInto);

    /// <summary>Opens a file and checks its header; no tensor is read yet.</summary>
    /// <exception cref="InputException">Two of its names stand for one tensor.</exception>
    /// <exception cref="InvalidFileException">It is damaged, or no file of names and tensors.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static WeightFile Open(string path)
    {
        if (path.EndsWith(Safetensors.Extension, StringComparison.Ordinal))
        {
            var file = Safetensors.Open(path);
            return Owning(file, () => new(path, file, file.Entries.Select(
                entry => new Stored(entry.Name, entry.Shape, target => Copy(file, entry, target)))));
        }
        var pickle = TorchPickle.Open(path);
        return Owning(pickle, () => new(path, pickle, pickle.StateDict().Select(
            item => new Stored(item.Name, item.Tensor.Shape, target => pickle.CopyInto(item.Tensor, target)))));
    }

    /// <summary>A network of the shape with these weights. It is made only when the file has just what it needs.</summary>
    /// <exception cref="InputException">These are the weights of another network; the message names the first tensor that differs.</exception>
    public UNet Load(UNetShape shape)
    {
        Check(shape);
        var network = new UNet(shape, new Seed(0));
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
    /// <exception cref="InputException">These are the weights of another network; the message names the first tensor that differs.</exception>
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
