using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Math.Values;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using TorchSharp;

namespace Diffusion.Host.Benchmarks;

/// <summary>How fast the weights of the published network come from a file that the system still has in memory.</summary>
/// <remarks>Opening, checking and copying into a network that is there already; building one is timed beside it.</remarks>
public sealed record LoadBenchmark()
    : SpeedBenchmark("load", "loading the paper network's weights from safetensors and pth, and building it")
{
    private const int Runs = 5;

    /// <inheritdoc/>
    protected override IEnumerable<BenchmarkLine> Run(Machine machine, Session session)
    {
        var shape = BuiltInRecipes.Find("cifar10-ddpm")!.At(Preset.Paper).Network;
        using var network = new UNet(shape, new Seed(0));
        var folder = Directory.CreateTempSubdirectory("diffusion-bench-").FullName;
        try
        {
            var safetensors = Path.Combine(folder, $"weights{Safetensors.Extension}");
            var pickle = Path.Combine(folder, $"weights{TorchPickleWriter.Extension}");
            var weights = network.named_parameters().Select(item => (item.name, (torch.Tensor)item.parameter)).ToArray();
            Safetensors.Write(safetensors, weights);
            TorchPickleWriter.Write(pickle, weights);
            foreach (var (name, path) in (IEnumerable<(string, string)>)[("safetensors", safetensors), ("pth", pickle)])
                yield return new($"{network.ParameterCount} parameters, {name}", Shortest(Runs, () => Load(network, path, session)), "s");
            yield return new("building the network", Shortest(1, () => new UNet(shape, new Seed(0)).Dispose()), "s");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Load(UNet network, string path, Session session)
    {
        session.Stopping.ThrowIfCancellationRequested();
        using var file = WeightFile.Open(path);
        file.Fill(network);
    }
}
