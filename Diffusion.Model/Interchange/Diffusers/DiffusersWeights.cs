using System.Collections.ObjectModel;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Networks;
using TorchSharp;

namespace Diffusion.Model.Interchange.Diffusers;

/// <summary>The weights beside a diffusers configuration, safetensors or PyTorch's.</summary>
internal static class DiffusersWeights
{
    private const string Name = "diffusion_pytorch_model.safetensors";
    private const string OldName = "diffusion_pytorch_model.bin";

    // Says in a file of ours that the last row of the label table stands for no label, which the library does not know of.
    private const string NullLabelKey = "diffusion.null_label";

    /// <summary>Whether the last row of the label table is the null label.</summary>
    public static NullLabel NullLabelIn(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path))
            return NullLabel.Absent;
        using var file = Safetensors.Open(path);
        return file.Metadata.ContainsKey(NullLabelKey) ? NullLabel.Learned : NullLabel.Absent;
    }

    /// <summary>The file with the weights in a folder, or null where there is none.</summary>
    public static string? Find(string folder) => new[] { Name, OldName }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>The network of the shape with the weights of a folder; the caller disposes of it.</summary>
    /// <exception cref="InputException">There are none, or not those of this network.</exception>
    /// <exception cref="InvalidFileException">The file is damaged.</exception>
    public static UNet Load(UNetShape shape, string folder)
    {
        using var file = WeightFile.Open(Find(folder) ?? throw new InputException(Path.Combine(folder, Name), "nothing there", "the weights of the network"));
        return file.Load(shape);
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
}
