using System.Diagnostics;
using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Host.Benchmarks;

/// <summary>How fast samples are drawn: a network call, and what the loop around it adds.</summary>
public sealed record SampleBenchmark() : SpeedBenchmark("sample", "one network evaluation in float32 and bfloat16, and sampler overhead")
{
    private const int Side = 32;
    private const int Steps = 4;
    private const int Rounds = 3;

    /// <summary>The size of network, or null for both.</summary>
    public Preset? Preset { get; init; }

    /// <summary>Numbers of images at once, or null for those that suit the machine.</summary>
    public Sequence<int>? Batches { get; init; }

    /// <inheritdoc/>
    public override Benchmark Of(Preset? preset, Sequence<int>? batches) => this with { Preset = preset, Batches = batches };

    /// <inheritdoc/>
    protected override IEnumerable<BenchmarkLine> Run(Machine machine, Session session)
    {
        var products = ArithmeticWays.Precisions.ToDictionary(
            precision => precision, precision => MatrixProduct.Pace(machine.Device, precision));
        foreach (var (precision, pace) in products)
            yield return new($"matrix product, {ArithmeticWays.NameOf(precision)}", pace, "GFLOP/s");
        foreach (var preset in Preset is { } chosen ? [chosen] : (Preset[])[Model.Recipes.Preset.Quick, Model.Recipes.Preset.Paper])
            foreach (var batch in Batches ?? Sweep(preset, machine))
                foreach (var way in ArithmeticWays.Of(BuiltInRecipes.Find("cifar10-ddpm")!.At(preset), machine.Device))
                    foreach (var line in Measure(way, (preset, batch), products[way.Precision], machine.Device, session))
                        yield return line;
    }

    private static Sequence<int> Sweep(Preset preset, Machine machine) =>
        machine.Device.type == DeviceType.CUDA ? [64, 256] : preset == Model.Recipes.Preset.Quick ? [8, 64] : [8];

    // Ancestral sampling draws noise in every step: the dearest loop there is.
    private static IEnumerable<BenchmarkLine> Measure(
        Recipe recipe, (Preset Preset, int Batch) size, double product, Device device, Session session)
    {
        var batch = size.Batch;
        using var network = new UNet(recipe.Network, new Seed(0));
        network.to(device);
        network.Arrange(recipe.LayoutOn(device.type));
        network.eval();
        var (inside, mark) = (0.0, 0L);
        network.register_forward_pre_hook((_, state, time, labels) =>
        {
            session.Stopping.ThrowIfCancellationRequested();
            TrainTrial.Wait(device);
            mark = Stopwatch.GetTimestamp();
            return (state, time, labels);
        });
        network.register_forward_hook((_, _, _, _, output) =>
        {
            TrainTrial.Wait(device);
            inside += Stopwatch.GetElapsedTime(mark).TotalSeconds;
            return output;
        });
        var plan = recipe.Evaluation.Sampler.Plan(recipe.Schedule, new TimestepSpacing.Trailing(Steps));
        var run = new SamplingRun(plan, recipe.Prediction, new Seed(1)) { Precision = recipe.Precision, Batch = batch };
        var (call, overhead) = (double.PositiveInfinity, double.PositiveInfinity);
        for (var round = 0; round <= Rounds; round++)
        {
            inside = 0;
            var start = Stopwatch.GetTimestamp();
            run.Draw(network, [recipe.Network.InputChannels, Side, Side], batch).Dispose();
            var whole = Stopwatch.GetElapsedTime(start).TotalSeconds;
            (call, overhead) = (Min(call, inside / plan.NetworkCalls), Min(overhead, (whole - inside) / inside));
            product = Max(product, MatrixProduct.Pace(device, recipe.Precision, runs: 1));
        }
        var title = string.Create(
            CultureInfo.InvariantCulture, $"{size.Preset.ToString().ToLowerInvariant()} {batch} {ArithmeticWays.NameOf(recipe)}");
        var rate = 2e-9 * batch * recipe.Network.Products(Side, Side) / call;
        yield return new($"{title} network call", 1e3 * call, "ms");
        yield return new($"{title} pace", batch / call, "network calls of an image/s");
        yield return new($"{title} arithmetic", rate, "GFLOP/s");
        yield return new($"{title} beside the matrix product", rate / product, "");
        yield return new($"{title} matrix product between calls", product, "GFLOP/s");
        yield return new($"{title} loop outside the network", 100 * overhead, "%");
    }
}
