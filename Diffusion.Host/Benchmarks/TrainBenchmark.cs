using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Host.Benchmarks;

/// <summary>How fast training is, by phase and arithmetic, beside what the machine can do at best.</summary>
/// <remarks>Whatever is compared alternates within this one run, and the fastest time counts, so that other programs' load falls on both sides.</remarks>
public sealed record TrainBenchmark() : Benchmark("train", "a training step by phase, in float32 and bfloat16, beside a plain matrix product, and memory")
{
    private const int MostRounds = 12;
    private const double EnoughSeconds = 15;

    /// <summary>The size of network, or null for both.</summary>
    public Preset? Preset { get; init; }

    /// <summary>Pictures of a step, or null for several sizes.</summary>
    public int? Batch { get; init; }

    /// <inheritdoc/>
    public override Benchmark Of(Preset? preset, int? batch) => this with { Preset = preset, Batch = batch };

    /// <inheritdoc/>
    public override IEnumerable<BenchmarkLine> Run(Machine machine, Session session)
    {
        var products = new Dictionary<Precision, double>();
        foreach (var precision in Precisions)
        {
            products[precision] = MatrixProduct(machine.Device, precision == Precision.Bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32);
            yield return new($"plain matrix product, {NameOf(precision)}", products[precision], "GFLOP/s");
        }
        foreach (var line in KernelTable.Measure(machine.Device, Precisions))
            yield return line;
        foreach (var preset in Preset is { } chosen ? [chosen] : (Preset[])[Commands.Preset.Quick, Commands.Preset.Paper])
        {
            foreach (var batch in Batch is { } pictures ? [pictures] : Sweep(preset, machine))
                foreach (var line in Steps(preset, batch, machine.Device, products, session))
                    yield return line;
            foreach (var line in UpdateComparison.Measure(preset, machine.Device))
                yield return line;
        }
        yield return new("memory growth, step 200 to 2200", MemoryGrowth.Of(machine.Device, session.Stopping), "MB");
    }

    private static Precision[] Precisions => Autocast.IsAvailable ? [Precision.Bfloat16, Precision.Float32] : [Precision.Float32];

    private static int[] Sweep(Preset preset, Machine machine) =>
        machine.Device.type == DeviceType.CUDA ? [32, 128, 512] : preset == Commands.Preset.Quick ? [8, 32, 128] : [4, 8, 16];

    private static IEnumerable<BenchmarkLine> Steps(Preset preset, int batch, Device device, Dictionary<Precision, double> products, Session session)
    {
        var trials = new List<TrainTrial>();
        var start = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            var peak = 0.0;
            foreach (var precision in Precisions)
            {
                if (trials.Count == 0)
                    PeakMemory.Forget();
                trials.Add(new(preset, batch, precision, device));
                trials[^1].Step();
                trials[^1].Step();
                // Of the first alone: the second one would be counted with it.
                if (trials.Count == 1)
                    peak = PeakMemory.Megabytes;
            }
            for (var round = 0; round < MostRounds && (round < 3 || start.Elapsed.TotalSeconds < EnoughSeconds); round++)
                foreach (var trial in trials)
                {
                    session.Stopping.ThrowIfCancellationRequested();
                    trial.Step();
                }
            foreach (var line in trials.SelectMany(trial => Lines(preset, trial, products)))
                yield return line;
            yield return new($"{Title(preset, trials[0])} peak memory of the process", peak, "MB");
            if (trials.Count == 2)
                yield return new($"{Words(preset)} {batch}: bfloat16 over float32", trials[1].Best.Sum() / trials[0].Best.Sum(), "times as fast");
        }
        finally
        {
            foreach (var trial in trials)
                trial.Dispose();
        }
    }

    private static IEnumerable<BenchmarkLine> Lines(Preset preset, TrainTrial trial, Dictionary<Precision, double> products)
    {
        var (title, seconds) = (Title(preset, trial), trial.Best.Sum());
        yield return new($"{title} pace", trial.Recipe.Length.Batch / seconds, "images/s");
        yield return new($"{title} step", 1e3 * seconds, "ms");
        foreach (var phase in Enum.GetValues<StepPhase>())
            yield return new($"{title}   {phase.ToString().ToLowerInvariant()}", 1e3 * trial.Best[(int)phase], "ms");
        var rate = 1e-9 * trial.Operations / seconds;
        yield return new($"{title} arithmetic", rate, "GFLOP/s");
        yield return new($"{title} beside the matrix product", rate / products[trial.Recipe.Precision], "");
    }

    private static string Title(Preset preset, TrainTrial trial) =>
        string.Create(CultureInfo.InvariantCulture, $"{Words(preset)} {trial.Recipe.Length.Batch} {NameOf(trial.Recipe.Precision)}");

    private static string Words(Preset preset) => preset.ToString().ToLowerInvariant();

    private static string NameOf(Precision precision) => precision.ToString().ToLowerInvariant();

    private static double MatrixProduct(Device device, ScalarType type)
    {
        var side = device.type == DeviceType.CUDA ? 8192 : 2048;
        using var scope = NewDisposeScope();
        var (one, other) = (randn([side, side], type, device), randn([side, side], type, device));
        return 2e-9 * side * side * side / Shortest(5, () =>
        {
            using var product = one.matmul(other);
            TrainTrial.Wait(device);
        });
    }
}
