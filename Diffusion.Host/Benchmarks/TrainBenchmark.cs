using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Host.Benchmarks;

/// <summary>How fast training is, by phase and arithmetic, beside what the machine can do at best.</summary>
/// <remarks>
/// Whatever is compared alternates within this one run, and the fastest time counts, so that other programs' load falls on both sides.
/// </remarks>
public sealed record TrainBenchmark()
    : SpeedBenchmark("train", "a training step by phase, in float32 and bfloat16, compared with a matrix product, and memory")
{
    private const int MostRounds = 12;
    private const double EnoughSeconds = 15;

    /// <summary>The size of network, or null for both.</summary>
    public Preset? Preset { get; init; }

    /// <summary>Numbers of images at once, or null for those that suit the machine.</summary>
    public Sequence<int>? Batches { get; init; }

    /// <inheritdoc/>
    public override Benchmark Of(Preset? preset, Sequence<int>? batches) => this with { Preset = preset, Batches = batches };

    /// <inheritdoc/>
    protected override IEnumerable<BenchmarkLine> Run(Machine machine, Session session)
    {
        var products = new Dictionary<Precision, double>();
        foreach (var precision in ArithmeticWays.Precisions)
        {
            products[precision] = MatrixProduct.Pace(machine.Device, precision);
            yield return new($"plain matrix product, {ArithmeticWays.NameOf(precision)}", products[precision], "GFLOP/s");
        }
        if (machine.Device.type == DeviceType.CUDA)
            yield return new("plain matrix product, float32 shortened (TF32)", MatrixProduct.ShortenedPace(machine.Device), "GFLOP/s");
        foreach (var line in KernelTable.Measure(machine.Device, ArithmeticWays.Precisions))
            yield return line;
        foreach (var preset in Preset is { } chosen ? [chosen] : (Preset[])[Model.Recipes.Preset.Quick, Model.Recipes.Preset.Paper])
        {
            foreach (var batch in Batches ?? Sweep(preset, machine))
                foreach (var line in Steps(preset, batch, machine.Device, products, session))
                    yield return line;
            foreach (var line in UpdateComparison.Measure(preset, machine.Device))
                yield return line;
        }
        yield return MemoryBenchmark.Growth(machine, session);
    }

    private static Sequence<int> Sweep(Preset preset, Machine machine) =>
        machine.Device.type == DeviceType.CUDA ? [32, 128, 512] : preset == Model.Recipes.Preset.Quick ? [8, 32, 128] : [4, 8, 16];

    private static Sequence<Recipe> Ways(Preset preset, int batch, Device device)
    {
        var recipe = BuiltInRecipes.Find("cifar10-ddpm")!.At(preset);
        return ArithmeticWays.Of(recipe with { Length = recipe.Length with { Batch = batch } }, device);
    }

    private static IEnumerable<BenchmarkLine> Steps(
        Preset preset, int batch, Device device, Dictionary<Precision, double> products, Session session)
    {
        var (trials, beside) = (new List<TrainTrial>(), new Dictionary<Precision, double>(products));
        var start = System.Diagnostics.Stopwatch.StartNew();
        var stretch = device.type == DeviceType.CUDA ? 10 : 1;
        try
        {
            var peak = 0.0;
            foreach (var way in Ways(preset, batch, device))
            {
                if (trials.Count == 0)
                    PeakMemory.Forget();
                trials.Add(new(way, device));
                trials[^1].Step();
                trials[^1].Step();
                // Of the first alone: the others would be counted with it.
                if (trials.Count == 1)
                    peak = PeakMemory.Megabytes;
            }
            for (var round = 0; round < MostRounds && (round < 3 || start.Elapsed.TotalSeconds < EnoughSeconds); round++)
                foreach (var trial in trials)
                {
                    session.Stopping.ThrowIfCancellationRequested();
                    trial.Step();
                    trial.Stretch(stretch);
                    var precision = trial.Recipe.Precision;
                    beside[precision] = Max(beside[precision], MatrixProduct.Pace(device, precision, runs: 1));
                }
            foreach (var line in trials.SelectMany(trial => Lines(preset, trial, beside)))
                yield return line;
            foreach (var (precision, pace) in beside)
                yield return new(string.Create(
                    CultureInfo.InvariantCulture, $"{preset.ToString().ToLowerInvariant()} {batch} matrix product between steps, ")
                    + ArithmeticWays.NameOf(precision), pace, "GFLOP/s");
            yield return new($"{Title(preset, trials[0])} peak memory of the process", peak, "MB");
            foreach (var trial in trials.SkipLast(1))
                yield return new(
                    $"{Title(preset, trial)} over {ArithmeticWays.NameOf(trials[^1].Recipe)}", trials[^1].Seconds / trial.Seconds,
                    "times as fast");
        }
        finally
        {
            foreach (var trial in trials)
                trial.Dispose();
        }
    }

    private static IEnumerable<BenchmarkLine> Lines(Preset preset, TrainTrial trial, Dictionary<Precision, double> products)
    {
        var title = Title(preset, trial);
        yield return new($"{title} pace", trial.Recipe.Length.Batch / trial.Seconds, "images/s");
        yield return new($"{title} step", 1e3 * trial.Seconds, "ms");
        foreach (var phase in Enum.GetValues<StepPhase>())
            yield return new($"{title}   {phase.ToString().ToLowerInvariant()}", 1e3 * trial.Phases[(int)phase], "ms");
        var rate = 1e-9 * trial.Operations / trial.Seconds;
        yield return new($"{title} arithmetic", rate, "GFLOP/s");
        yield return new($"{title} beside the matrix product", rate / products[trial.Recipe.Precision], "");
    }

    private static string Title(Preset preset, TrainTrial trial) =>
        string.Create(CultureInfo.InvariantCulture,
            $"{preset.ToString().ToLowerInvariant()} {trial.Recipe.Length.Batch} {ArithmeticWays.NameOf(trial.Recipe)}");
}
