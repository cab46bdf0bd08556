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
    private const string Stem = "diffusion_pytorch_model";
    private const string Name = Stem + Safetensors.Extension;
    private const string OldName = Stem + ".bin";

    // As the library looks for them.
    private static readonly string[] Usual = [Name, $"{Name}.index.json", OldName, $"{OldName}.index.json"];
    private static readonly string[] Endings = [Safetensors.Extension, ".bin", ".pt", ".pth", ".ckpt"];

    // Of several variants the one that is nearest to the weights to draw with, and then the most exact.
    private static readonly string[] Variants = ["ema", "fp32", "bf16", "fp16"];

    // Says in a file of ours that the last row of the label table stands for no label, which the library does not know of.
    private const string NullLabelKey = "diffusion.null_label";

    /// <summary>Whether the last row of the label table is the null label.</summary>
    public static NullLabel NullLabelIn(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path) || FileKind.OtherThanArraysAt(path) is not null)
            return NullLabel.Absent;
        using var file = Safetensors.Open(path);
        return file.Metadata.ContainsKey(NullLabelKey) ? NullLabel.Learned : NullLabel.Absent;
    }

    /// <summary>The file with the weights in a folder, or null where there is none.</summary>
    /// <remarks>The library's names come first, then a variant of them, then any other file if it is the only one.</remarks>
    public static string? Find(string folder) =>
        Usual.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) ?? Variant(folder) ?? Only(folder);

    /// <summary>The network of the shape with the weights of a folder; the caller disposes of it.</summary>
    /// <exception cref="InputException">There are none, or not those of this network.</exception>
    /// <exception cref="InvalidFileException">The file is damaged.</exception>
    public static UNet Load(UNetShape shape, string folder, Action<string> note)
    {
        var path = Find(folder)
            ?? throw new InputException(Path.Combine(folder, Name), "no such file or folder", "the weights of the network");
        using var file = WeightFile.Open(path);
        if (!Usual.Contains(Path.GetFileName(path)))
            note($"{path}: these weights are taken");
        if (file.Note is { } remark)
            note(remark);
        return file.Load(shape);
    }

    // Such as diffusion_pytorch_model.fp16.safetensors, or the index of its shards, diffusion_pytorch_model.safetensors.index.fp16.json.
    private static string? Variant(string folder) => !Directory.Exists(folder) ? null : Directory.EnumerateFiles(folder, $"{Stem}.*")
        .Where(path => IsWhole(Path.GetFileName(path)))
        .OrderBy(path => path.Contains("non_ema", StringComparison.Ordinal))
        .ThenBy(path => Array.FindIndex(Variants, variant =>
            Path.GetFileName(path).Contains($".{variant}.", StringComparison.Ordinal)) is >= 0 and var rank ? rank : Variants.Length)
        .ThenBy(path => path, StringComparer.Ordinal)
        .FirstOrDefault();

    // A shard has its number in its name, and is found by its index.
    private static bool IsWhole(string name) => name.Contains(".index.", StringComparison.Ordinal)
        ? name.EndsWith(".json", StringComparison.Ordinal)
        : Endings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal)) && !name.Contains("-of-", StringComparison.Ordinal);

    private static string? Only(string folder)
    {
        string[] files = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Where(path => IsWeights(Path.GetFileName(path)))]
            : [];
        return files is [var only] ? only : null;
    }

    // What a training leaves beside its weights.
    private static bool IsWeights(string name) => Endings.Contains(Path.GetExtension(name))
        && name is not ("optimizer.bin"
            or "optimizer.pt" or "scheduler.bin" or "scheduler.pt" or "scaler.pt" or "training_args.bin" or "rng_state.pth");

    /// <summary>Writes the weights of a network into a folder.</summary>
    public static void Save(UNet network, string folder)
    {
        using var scope = torch.NewDisposeScope();
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        if (network.Shape.Labels is { Null: NullLabel.Learned })
            metadata[NullLabelKey] = "learned";
        Safetensors.Write(
            Path.Combine(folder, Name), DiffusersLabels.Folded(network), new ReadOnlyDictionary<string, string>(metadata));
    }

    /// <summary>Gives what a network puts out the other sign.</summary>
    public static void Negate(UNet network)
    {
        using var guard = torch.no_grad();
        foreach (var (_, parameter) in network.named_parameters().Where(
            item => item.name.StartsWith("conv_out.", StringComparison.Ordinal)))
            parameter.neg_();
    }
}
