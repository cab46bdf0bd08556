using System.Collections.ObjectModel;
using Diffusion.Model.Data;
using Diffusion.Model.Networks;
using TorchSharp;

namespace Diffusion.Model.Files;

/// <summary>The weights beside a diffusers configuration, under the present or the 2022 names of attention.</summary>
internal static class DiffusersWeights
{
    private const string Name = "diffusion_pytorch_model.safetensors";
    private const string OldName = "diffusion_pytorch_model.bin";

    // Says in a file of ours that the last row of the label table stands for no label, which the library does not know of.
    private const string NullLabelKey = "diffusion.null_label";

    private static readonly (string Old, string New)[] Renamed =
        [(".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v."), (".proj_attn.", ".to_out.0.")];

    /// <summary>Whether the last row of the label table is the null label.</summary>
    public static NullLabel NullLabelIn(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path))
            return NullLabel.Absent;
        using var file = Safetensors.Open(path);
        return file.Metadata.ContainsKey(NullLabelKey) ? NullLabel.Learned : NullLabel.Absent;
    }

    /// <summary>Puts the weights of a folder into a network.</summary>
    /// <exception cref="InputException">There are none, or not those of this network.</exception>
    /// <exception cref="InvalidFileException">The file is damaged.</exception>
    public static void Load(UNet network, string folder)
    {
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        var (path, found) = Read(folder);
        foreach (var (name, parameter) in network.named_parameters())
        {
            if (!found.Remove(name, out var tensor))
                throw new InputException(path, $"no tensor '{name}'", "the weights of the network that the configuration describes");
            if (!tensor.shape.SequenceEqual(parameter.shape))
                throw new InputException(path, $"'{name}' of shape [{string.Join(", ", tensor.shape)}]", $"[{string.Join(", ", parameter.shape)}]");
            parameter.copy_(tensor);
        }
        if (found.Count > 0)
            throw new InputException(path, $"'{found.Keys.First()}' and {found.Count - 1} other tensors", "the weights of the network that the configuration describes");
    }

    /// <summary>Writes the weights of a network into a folder.</summary>
    public static void Save(UNet network, string folder)
    {
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        if (network.Shape.Labels is { Null: NullLabel.Learned })
            metadata[NullLabelKey] = "learned";
        Safetensors.Write(
            Path.Combine(folder, Name), network.named_parameters().Select(item => (item.name, (torch.Tensor)item.parameter)), new ReadOnlyDictionary<string, string>(metadata));
    }

    private static (string Path, Dictionary<string, torch.Tensor> Tensors) Read(string folder)
    {
        var (path, old) = (Path.Combine(folder, Name), Path.Combine(folder, OldName));
        if (!File.Exists(path) && File.Exists(old))
            return (old, TorchPickle.ReadStateDict(old).ToDictionary(item => Present(item.Name), item => item.Tensor));
        if (!File.Exists(path))
            throw new InputException(path, "nothing there", "the weights of the network");
        using var file = Safetensors.Open(path);
        return (path, file.Entries.ToDictionary(entry => Present(entry.Name), entry => file.Load(entry.Name)));
    }

    private static string Present(string name) =>
        name.Contains(".attentions.", StringComparison.Ordinal)
            ? Renamed.Aggregate(name, (present, change) => present.Replace(change.Old, change.New, StringComparison.Ordinal))
            : name;
}
