using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Model.Formats;

/// <summary>
/// The weights of a network in an open file, safetensors or PyTorch's, under the names of this program, which are those of diffusers, or
/// diffusers' names of 2022.
/// </summary>
public sealed class WeightFile : IDisposable
{
    /// <summary>Every network here begins with it, so that what stands before it stands before every name.</summary>
    public const string First = "conv_in.weight";

    private const string Expected = "the weights of the network that the configuration describes";

    private static readonly (string Old, string New)[] Renamed =
        [(".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v."), (".proj_attn.", ".to_out.0.")];

    private readonly string _path;
    private readonly StoredTensors? _file;
    private readonly Dictionary<string, StoredTensor> _tensors = [];

    private WeightFile(string path, StoredTensors? file, IReadOnlyList<StoredTensor> tensors)
    {
        (_path, _file) = (path, file);
        foreach (var tensor in tensors)
            if (!_tensors.TryAdd(Present(tensor.Name), tensor))
                throw new InputException(
                    path, $"'{_tensors[Present(tensor.Name)].Origin}' and '{tensor.Origin}', two names of one tensor", "each tensor once");
    }

    /// <summary>What of the file was taken and what was passed over, in a sentence; null where it is all of it.</summary>
    public string? Note { get; private init; }

    /// <summary>Opens a file and checks its header; no tensor is read yet.</summary>
    /// <exception cref="InputException">Two of its names stand for one tensor.</exception>
    /// <exception cref="InvalidFileException">It is damaged, or no file of names and tensors.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <remarks>An index of shards stands for all of them. Weights may be nested in a checkpoint of a training, or have a prefix.</remarks>
    public static WeightFile Open(string path)
    {
        var file = StoredTensors.Open(path);
        try
        {
            var (tensors, note) = file.Under(First) ?? (file.All, null);
            return new(path, file, tensors) { Note = note };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Weights under the names of this program, from a file that someone else closes.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="tensors">The weights.</param>
    /// <exception cref="InputException">Two of them have one name.</exception>
    public static WeightFile Of(string path, IReadOnlyList<StoredTensor> tensors) => new(path, null, tensors);

    /// <summary>A network of the shape with these weights. It is made only when the file has just what it needs.</summary>
    /// <exception cref="InputException">
    /// These are the weights of another network, or some are NaN or infinite; the message names the first tensor at fault.
    /// </exception>
    public UNet Load(UNetShape shape)
    {
        CheckSizes(shape, shape.OutputChannels);
        return Load(() => UNet.Outline(shape), () => UNet.Unfilled(shape));
    }

    /// <summary>A classifier of the shape with these weights. It is made only when the file has just what it needs.</summary>
    /// <exception cref="InputException">
    /// These are the weights of another network, or some are NaN or infinite; the message names the first tensor at fault.
    /// </exception>
    public NoisyClassifier Load(NoisyClassifierShape shape)
    {
        CheckSizes(shape.Encoder, Max(shape.Classes, shape.Positions ?? 0));
        return Load(() => NoisyClassifier.Outline(shape), () => NoisyClassifier.Unfilled(shape));
    }

    /// <summary>Copies the weights over those of a network, straight from the file where type and layout are the same.</summary>
    /// <exception cref="InputException">
    /// These are the weights of another network, or some are NaN or infinite; the message names the first tensor at fault.
    /// </exception>
    public void Fill(torch.nn.Module network)
    {
        using var guard = torch.no_grad();
        foreach (var (tensor, parameter) in Matched(network))
        {
            tensor.CopyInto(parameter);
            if (NonFinite.In(tensor.Origin, parameter) is { } broken)
                throw Mismatch(broken, "weights that are all finite, as those of a network that can be sampled from");
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file?.Dispose();

    private T Load<T>(Func<T> outline, Func<T> unfilled)
        where T : torch.nn.Module
    {
        using (var shapes = outline())
            foreach (var _ in Matched(shapes))
                continue;
        var network = unfilled();
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

    // Sizes first: an outline has no weights, but even names and biases of a billion blocks are too many.
    private void CheckSizes(UNetShape shape, int outputs)
    {
        var elements = _tensors.Values.Sum(tensor => (double)tensor.Shape.Elements);
        var widest = shape.Levels.Max(level => (double)level.Channels);
        if ((double)shape.BlocksPerLevel * shape.Levels.Count > _tensors.Count)
            throw Mismatch(
                Counted.Of(_tensors.Count, "tensor"), $"those of {shape.BlocksPerLevel} blocks at each of {shape.Levels.Count} levels");
        double[] needed =
            [widest * widest, (double)shape.TimeChannels * shape.TimeChannels, shape.Labels?.Rows ?? 0, shape.InputChannels, outputs];
        if (needed.Max() > elements)
            throw Mismatch($"{elements:0} numbers", "those of the network that the configuration describes, which has more");
    }

    private IEnumerable<(StoredTensor Tensor, torch.Tensor Parameter)> Matched(torch.nn.Module network)
    {
        var left = new HashSet<string>(_tensors.Keys);
        foreach (var (name, parameter) in network.named_parameters())
        {
            if (!left.Remove(name))
                throw Mismatch($"no tensor '{name}'", Expected);
            var tensor = _tensors[name];
            if (!tensor.Shape.SequenceEqual(parameter.shape))
                throw Mismatch($"'{tensor.Origin}' of shape {tensor.Shape}", $"[{string.Join(", ", parameter.shape)}]");
            yield return (tensor, parameter);
        }
        if (left.Count > 0)
            throw Mismatch($"'{_tensors[left.First()].Origin}' and {Counted.Of(left.Count - 1, "other tensor")}", Expected);
    }

    private InputException Mismatch(string found, string expected) => new(_path, found, expected);

    private static string Present(string name) =>
        name.Contains(".attentions.", StringComparison.Ordinal)
            ? Renamed.Aggregate(name, (present, change) => present.Replace(change.Old, change.New, StringComparison.Ordinal))
            : name;
}
