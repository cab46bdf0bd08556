using System.Security.Cryptography;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using static TorchSharp.torch;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>A file with the weights of one feature network, and nothing but that network. It owns the tensors it has read.</summary>
internal sealed class NetworkFile : IDisposable
{
    // PyTorch counts the batches that a normalisation was trained on; no result depends on it.
    private const string Counter = ".num_batches_tracked";

    private readonly Dictionary<string, Tensor> _tensors;

    private NetworkFile(FeatureNetworkShape shape, string path, string sha256, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        (Shape, Sha256) = (shape, sha256);
        _tensors = tensors.ToDictionary(item => item.Name, item => item.Tensor.DetachFromDisposeScope());
        Check(path);
    }

    /// <summary>The network that the weights belong to.</summary>
    internal FeatureNetworkShape Shape { get; }

    /// <summary>64 hexadecimal digits over the bytes of the file.</summary>
    internal string Sha256 { get; }

    /// <summary>Reads a safetensors file or one of <c>torch.save</c>; the content decides.</summary>
    /// <exception cref="InputException">The file is missing, damaged, or belongs to another network.</exception>
    internal static NetworkFile Open(string path, FeatureNetworkShape shape)
    {
        if (!File.Exists(path))
            throw new InputException(path, "no file", $"the weights of {shape.Name}");
        return Read(path, shape, FileBytes.Map(path));
    }

    /// <summary>Reads the weights that this library carries.</summary>
    internal static NetworkFile Embedded(FeatureNetworkShape shape)
    {
        var name = shape.Name + Safetensors.Extension;
        using var stream = typeof(NetworkFile).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"This library was built without {name}.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return Read(name, shape, FileBytes.Of(name, content));
    }

    /// <summary>The weights in the given type, on the given device.</summary>
    internal NetworkWeights Load(ScalarType type, Device device) =>
        NetworkWeights.From(Shape, weight => _tensors[weight.Name].to(type, device, copy: true));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }

    // Disposes of the bytes, whatever happens.
    private static NetworkFile Read(string path, FeatureNetworkShape shape, FileBytes bytes)
    {
        using var scope = NewDisposeScope();
        using var held = bytes;
        try
        {
            var sha256 = Hash(bytes);
            return new(shape, path, sha256, IsSafetensors(bytes) ? FromSafetensors(bytes) : FromPickle(bytes));
        }
        catch (InvalidFileException damage)
        {
            throw new InputException(path, damage.Message, $"the weights of {shape.Name}", damage);
        }
    }

    // A safetensors file begins with the length of its header, which is JSON; nothing that torch.save writes has a brace there.
    private static bool IsSafetensors(FileBytes bytes) =>
        bytes.Length > sizeof(long) && bytes.Slice(sizeof(long), 1, "the header")[0] == '{';

    private static IReadOnlyList<(string, Tensor)> FromSafetensors(FileBytes bytes)
    {
        using var file = Safetensors.Open(bytes);
        return [.. file.Entries.Select(entry => (entry.Name, file.Load(entry.Name)))];
    }

    private static IReadOnlyList<(string, Tensor)> FromPickle(FileBytes bytes)
    {
        using var file = TorchPickle.Open(bytes);
        return file.ReadStateDict();
    }

    private static string Hash(FileBytes bytes)
    {
        const int Piece = 1 << 20;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var offset = 0L; offset < bytes.Length; offset += Piece)
            hash.AppendData(bytes.Slice(offset, (int)Min(Piece, bytes.Length - offset), "the file"));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private void Check(string path)
    {
        InputException Mismatch(string found, string expected) =>
            new($"{path} (sha256 {Sha256})", found, $"{expected}: the weights of {Shape.Name}");
        var expected = Shape.Weights.ToDictionary(weight => weight.Name, weight => weight.Sizes);
        foreach (var name in expected.Keys.Where(name => !_tensors.ContainsKey(name)))
            throw Mismatch($"no '{name}'", $"one of [{string.Join(", ", expected[name])}]");
        foreach (var (name, tensor) in _tensors.Where(pair => !pair.Key.EndsWith(Counter, StringComparison.Ordinal)))
        {
            if (!expected.TryGetValue(name, out var sizes))
                throw Mismatch($"'{name}'", "no such array");
            if (!tensor.shape.SequenceEqual(sizes))
                throw Mismatch($"'{name}' of [{string.Join(", ", tensor.shape)}]", $"[{string.Join(", ", sizes)}]");
            if (!tensor.is_floating_point() || !tensor.isfinite().all().item<bool>())
                throw Mismatch($"'{name}' with values that are not finite numbers", "finite ones");
        }
    }
}
