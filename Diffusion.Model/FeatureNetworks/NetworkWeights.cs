using Diffusion.Math.Values;
using Diffusion.Model.Formats.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>The weights of a feature network, by name. It owns its tensors.</summary>
public sealed class NetworkWeights : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors;

    private NetworkWeights(FeatureNetworkShape shape, Dictionary<string, Tensor> tensors) => (Shape, _tensors) = (shape, tensors);

    /// <summary>The network they belong to.</summary>
    public FeatureNetworkShape Shape { get; }

    /// <summary>The number type of all arrays.</summary>
    public ScalarType Type => _tensors["fc.weight"].dtype;

    /// <summary>All arrays, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>Those that training changes by their gradient: all but the running averages; none where weights were loaded.</summary>
    internal IEnumerable<Parameter> Learned => _tensors.Values.OfType<Parameter>();

    /// <summary>Weights to start training from: normal with variance 2 / fan-in, after He et al. 2015, Eq. 10.</summary>
    public static NetworkWeights Initial(FeatureNetworkShape shape, Seed seed)
    {
        using var generator = new Generator(seed.Value, CPU);
        return From(shape, weight => weight.Name.Split('.')[^1] switch
        {
            "running_mean" => zeros(weight.Sizes[0]),
            "running_var" => ones(weight.Sizes[0]),
            "bias" => new Parameter(zeros(weight.Sizes[0])),
            _ when weight.Sizes.Count == 1 => new Parameter(ones(weight.Sizes[0])),
            _ => new Parameter(empty([.. weight.Sizes]).normal_(0, Sqrt(2.0 / weight.Sizes.Skip(1).Aggregate((a, b) => a * b)), generator)),
        });
    }

    /// <summary>Takes the tensor that <paramref name="load"/> returns for each array of the network.</summary>
    internal static NetworkWeights From(FeatureNetworkShape shape, Func<WeightShape, Tensor> load) =>
        new(shape, shape.Weights.ToDictionary(weight => weight.Name, weight => load(weight).DetachFromDisposeScope()));

    /// <summary>The same weights without gradients, on a device; these here are disposed.</summary>
    internal NetworkWeights Detached(Device device)
    {
        using var scope = NewDisposeScope();
        using (this)
            return From(Shape, weight => _tensors[weight.Name].detach().to(device, copy: true));
    }

    /// <summary>Writes a safetensors file that the feature extractor reads: kernels in half precision, vectors in single.</summary>
    /// <param name="path">The file.</param>
    /// <param name="notes">Texts to keep with the weights, such as how they were made.</param>
    /// <exception cref="IOException">The file cannot be written; the old one, if any, is untouched.</exception>
    public void Save(string path, IReadOnlyDictionary<string, string> notes)
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(
            path, _tensors.Select(item => (item.Key, item.Value.detach().to(item.Value.dim() > 1 ? float16 : float32))), notes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }
}
