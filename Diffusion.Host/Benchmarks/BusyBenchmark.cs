using System.Diagnostics;
using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Host.Benchmarks;

/// <summary>What another busy process costs: training alone and beside a process that keeps one core busy.</summary>
/// <remarks>Both alternate, and the medians count, so that what else the machine does falls on both.</remarks>
public sealed record BusyBenchmark() : SpeedBenchmark("busy", "training alone and next to a busy process")
{
    private const int Rounds = 7;
    private const double QuietSeconds = 1.5;
    private const int UsualBatch = 32;

    /// <summary>The size of network, or null for the small one.</summary>
    public Preset? Preset { get; init; }

    /// <summary>Numbers of images at once, or null for one that suits the small network.</summary>
    public Sequence<int>? Batches { get; init; }

    /// <inheritdoc/>
    public override Benchmark Of(Preset? preset, Sequence<int>? batches) => this with { Preset = preset, Batches = batches };

    /// <inheritdoc/>
    protected override IEnumerable<BenchmarkLine> Run(Machine machine, Session session)
    {
        session.Say($"waiting threads: {WaitingThreads.Setting}");
        foreach (var batch in Batches ?? [UsualBatch])
            foreach (var line in Measure(Preset ?? Model.Recipes.Preset.Quick, batch, machine, session))
                yield return line;
    }

    private static IEnumerable<BenchmarkLine> Measure(Preset preset, int batch, Machine machine, Session session)
    {
        var recipe = BuiltInRecipes.Find("cifar10-ddpm")!.At(preset);
        using var trial = new TrainTrial(recipe with { Length = recipe.Length with { Batch = batch } }, machine.Device);
        trial.Step();
        var steps = (int)Max(1, QuietSeconds / Seconds(trial, machine.Device, 2));
        var (alone, beside) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            session.Stopping.ThrowIfCancellationRequested();
            alone.Add(batch / Seconds(trial, machine.Device, steps));
            using var neighbour = new BusyNeighbour();
            beside.Add(batch / Seconds(trial, machine.Device, steps));
        }
        var title = string.Create(CultureInfo.InvariantCulture, $"{preset.ToString().ToLowerInvariant()} {batch}");
        yield return new($"{title} pace alone", Middle(alone), "images/s");
        yield return new($"{title} pace beside a busy process", Middle(beside), "images/s");
        yield return new($"{title} beside over alone", 100 * Middle(alone.Zip(beside, (quiet, busy) => busy / quiet)), "%");
    }

    private static double Seconds(TrainTrial trial, torch.Device device, int steps)
    {
        TrainTrial.Wait(device);
        var start = Stopwatch.GetTimestamp();
        for (var step = 0; step < steps; step++)
            trial.Run.Advance();
        TrainTrial.Wait(device);
        return Stopwatch.GetElapsedTime(start).TotalSeconds / steps;
    }

    private static double Middle(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);
}
