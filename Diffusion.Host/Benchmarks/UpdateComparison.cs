using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Host.Benchmarks;

/// <summary>
/// The update phase on flat tensors beside the usual way: TorchSharp's optimiser, its clipping, and an average tensor by tensor.
/// </summary>
internal static class UpdateComparison
{
    private const int Rounds = 8;
    private const double Decay = 0.9999;

    /// <summary>Both alternate; the fastest time of each counts.</summary>
    public static IEnumerable<BenchmarkLine> Measure(Preset preset, Device device)
    {
        var shape = BuiltInRecipes.Find("cifar10-ddpm")!.At(preset).Network;
        using var flatNetwork = Network(shape, device);
        using var arena = new ParameterArena(flatNetwork);
        using var flat = new Optimiser(arena, new OptimiserRecipe(), [new EmaDecay.Constant(Decay)]);
        using var muon = new Optimiser(arena, new OptimiserRecipe { Matrices = new MatrixUpdate.Muon() }, [new EmaDecay.Constant(Decay)]);
        using var usual = new Usual(Network(shape, device));
        var (ours, theirs, orthogonal) = (double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        for (var round = 0; round < Rounds; round++)
        {
            arena.Gradients.fill_(Number.Of(1e-3));
            usual.Gradients();
            ours = Min(ours, Time(device, () => flat.Apply(round)));
            theirs = Min(theirs, Time(device, usual.Update));
            arena.Gradients.fill_(Number.Of(1e-3));
            orthogonal = Min(orthogonal, Time(device, () => muon.Apply(round)));
        }
        var name = preset.ToString().ToLowerInvariant();
        yield return new($"{name} update on flat tensors", 1e3 * ours, "ms");
        yield return new($"{name} update by TorchSharp's AdamW", 1e3 * theirs, "ms");
        yield return new($"{name} update, flat over TorchSharp's", theirs / ours, "times as fast");
        yield return new($"{name} update on flat tensors with Muon", 1e3 * orthogonal, "ms");
    }

    private static UNet Network(UNetShape shape, Device device)
    {
        var network = new UNet(shape, new Seed(0));
        network.to(device);
        return network;
    }

    private static double Time(Device device, Action work)
    {
        TrainTrial.Wait(device);
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        work();
        TrainTrial.Wait(device);
        return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private sealed class Usual : IDisposable
    {
        private readonly UNet _network;
        private readonly optim.Optimizer _adam;
        private readonly Tensor[] _averages;

        public Usual(UNet network)
        {
            _network = network;
            _adam = optim.AdamW(network.parameters(), lr: 2e-4, weight_decay: 0);
            using var scope = NewDisposeScope();
            _averages = [.. network.parameters().Select(parameter => parameter.detach().clone().DetachFromDisposeScope())];
        }

        public void Gradients()
        {
            using var scope = NewDisposeScope();
            foreach (var parameter in _network.parameters())
                parameter.grad = full_like(parameter, Number.Of(1e-3)).DetachFromDisposeScope();
        }

        public void Update()
        {
            using var scope = NewDisposeScope();
            nn.utils.clip_grad_norm_(_network.parameters(), 1);
            _adam.step();
            using (no_grad())
                foreach (var (average, parameter) in _averages.Zip(_network.parameters()))
                    average.lerp_(parameter, 1 - Decay);
            _adam.zero_grad();
        }

        public void Dispose()
        {
            _adam.Dispose();
            _network.Dispose();
            foreach (var average in _averages)
                average.Dispose();
        }
    }
}
