using Diffusion.Model.Interchange.Diffusers;
using Diffusion.Model.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Reference;

/// <summary>One network of a reference file with its input, built once for each type and kept for all specs.</summary>
public sealed class UNetCase : IDisposable
{
    private readonly Dictionary<ScalarType, UNet> _networks = [];

    /// <summary>Model <paramref name="name"/> of a file.</summary>
    public UNetCase(string file, string name)
    {
        Numbers = new(ReferenceFile.Open(file)["models"].GetProperty(name), $"{file}: {name}");
        Shape = DiffusersNetwork.Read(Numbers["config"], $"{file}: {name}").Shape;
        Salt = Numbers.Text("weight_salt");
    }

    /// <summary>What the file says.</summary>
    public ReferenceObject Numbers { get; }

    /// <summary>The shape that the configuration describes.</summary>
    public UNetShape Shape { get; }

    /// <summary>What the weights' keys begin with.</summary>
    public string Salt { get; }

    /// <summary>The network with its weights in that type.</summary>
    public UNet Network(ScalarType type)
    {
        if (!_networks.TryGetValue(type, out var network))
        {
            network = type == float32 ? ReferenceUNet.Build(Shape, Salt) : Copied(Network(float32), type);
            foreach (var parameter in network.parameters())
                parameter.DetachFromDisposeScope();
            _networks.Add(type, network);
        }
        return network;
    }

    private UNet Copied(UNet network, ScalarType type)
    {
        using var none = no_grad();
        var copy = UNet.Unfilled(Shape);
        copy.to(type);
        foreach (var (mine, given) in copy.parameters().Zip(network.parameters()))
            mine.copy_(given);
        copy.eval();
        return copy;
    }

    /// <summary>The state that the network is run on: [N, C, H, W].</summary>
    public Tensor State(ScalarType type)
    {
        var shape = Array.ConvertAll(Numbers.Numbers("input_shape"), extent => (long)extent);
        var values = Formula.UnitVariance(Numbers.Text("input_key"), (int)shape.Aggregate(1L, (product, extent) => product * extent));
        return tensor(Array.ConvertAll(values, value => (float)value)).to(type).reshape(shape);
    }

    /// <summary>The labels, or null for an unconditional network.</summary>
    public Tensor? Labels() =>
        Shape.Labels is null ? null : tensor(Array.ConvertAll(Numbers.Numbers("class_labels"), label => (long)label));

    /// <summary>The times of a run, one for each example; a single one is meant for all.</summary>
    public static Tensor Times(ReferenceObject run, Tensor state) => tensor(run.Numbers("timesteps")).expand(state.shape[0]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var network in _networks.Values)
            network.Dispose();
    }
}

/// <summary>All cases of the reference folder.</summary>
public sealed class UNetCases : IDisposable
{
    private readonly Dictionary<(string, string), UNetCase> _cases = [];

    /// <summary>File and name of every model in every file named unet_*.json.</summary>
    public static IEnumerable<(string File, string Model)> Names { get; } =
        [.. Files.SelectMany(file => ReferenceFile.Open(file)["models"].EnumerateObject().Select(model => (file, model.Name)))];

    /// <summary>The files.</summary>
    public static IEnumerable<string> Files =>
        Repository.ReferenceFiles("unet_*.json");

    /// <summary>A case.</summary>
    public UNetCase this[string file, string model] =>
        _cases.TryGetValue((file, model), out var found) ? found : _cases[(file, model)] = new(file, model);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var one in _cases.Values)
            one.Dispose();
    }
}
