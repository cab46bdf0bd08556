using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;

namespace Diffusion.Host.Benchmarks;

/// <summary>Something whose speed is worth knowing on one's own machine.</summary>
/// <param name="Name">The word by which it is asked for.</param>
/// <param name="Summary">What is measured, in one line.</param>
public abstract record Benchmark(string Name, string Summary)
{
    /// <summary>All there are.</summary>
    public static Sequence<Benchmark> All { get; } =
        [new TrainBenchmark(), new SampleBenchmark(), new FidBenchmark(), new PlanBenchmark(), new LoadBenchmark(), new MemoryBenchmark(),
            new BusyBenchmark(), new DistributedBenchmark(), new QualityBenchmark()];

    /// <summary>
    /// The same for one size of network, or some numbers of images at once, or null where it measures nothing of the kind.
    /// </summary>
    /// <param name="preset">The size, or null for all.</param>
    /// <param name="batches">Images at once; null for what suits the machine.</param>
    public virtual Benchmark? Of(Preset? preset, Sequence<int>? batches) => null;

    /// <summary>Measures, and says what came out.</summary>
    /// <param name="machine">What it is measured on.</param>
    /// <param name="session">Receives the progress, and may cancel it.</param>
    public abstract BenchmarkReport Report(Machine machine, Session session);
}

/// <summary>What a benchmark found.</summary>
/// <param name="Text">For a person, in lines.</param>
/// <param name="Results">For a script.</param>
/// <param name="Code">Whether it was stopped before its end.</param>
public sealed record BenchmarkReport(string Text, JsonArray Results, ExitCode Code = ExitCode.Success);

/// <summary>A benchmark whose results are numbers with names and units.</summary>
/// <param name="Name">The word by which it is asked for.</param>
/// <param name="Summary">What is measured, in one line.</param>
public abstract record SpeedBenchmark(string Name, string Summary) : Benchmark(Name, Summary)
{
    /// <inheritdoc/>
    public sealed override BenchmarkReport Report(Machine machine, Session session)
    {
        var lines = new List<BenchmarkLine>();
        foreach (var line in Run(machine, session))
        {
            lines.Add(line);
            session.Detail(line.Text);
        }
        return new(string.Join('\n', lines.Select(line => line.Text)), new(
            [.. lines.Select(line => new JsonObject { ["name"] = line.Name, ["value"] = line.Value, ["unit"] = line.Unit })]));
    }

    /// <summary>Measures.</summary>
    /// <param name="machine">What it is measured on.</param>
    /// <param name="session">Receives the progress, and may cancel it.</param>
    protected abstract IEnumerable<BenchmarkLine> Run(Machine machine, Session session);

    /// <summary>The shortest time of several runs: whatever else the machine does can only make one longer.</summary>
    /// <param name="runs">How many, after one that does not count.</param>
    /// <param name="work">What is timed.</param>
    /// <returns>Seconds.</returns>
    protected static double Shortest(int runs, Action work) => Times(runs, work).Min();

    /// <summary>The time that half of the runs stay below.</summary>
    /// <param name="runs">How many, after one that does not count; an odd number.</param>
    /// <param name="work">What is timed.</param>
    /// <returns>Seconds.</returns>
    protected static double Median(int runs, Action work) => Times(runs, work).Order().ElementAt(runs / 2);

    private static double[] Times(int runs, Action work)
    {
        work();
        var times = new double[runs];
        foreach (ref var time in times.AsSpan())
        {
            var start = Stopwatch.GetTimestamp();
            work();
            time = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        return times;
    }
}

/// <summary>One result.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The number.</param>
/// <param name="Unit">Its unit.</param>
public sealed record BenchmarkLine(string Name, double Value, string Unit)
{
    /// <summary>For a person.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Name,-48}{Value,12:0.00} {Unit}").TrimEnd();
}
