using System.Diagnostics;
using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Math.Values;
using Diffusion.Model.Distributed;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using TorchSharp;

namespace Diffusion.Host.Benchmarks;

/// <summary>
/// Training by all the processes that a launcher started, beside one of them alone, with its threads and with all of theirs.
/// </summary>
/// <remarks>The three alternate, and the fastest step of each counts, so that what else the machine does falls on all.</remarks>
public sealed record DistributedBenchmark()
    : SpeedBenchmark("distributed", "training by several processes that mpirun started, compared with one")
{
    private const int Rounds = 5;
    private const int LongMessage = Mpi.Piece / 2;
    private const int ImagesOfARank = 4;

    /// <summary>The size of network, or null for that of the paper.</summary>
    public Preset? Preset { get; init; }

    /// <summary>Images of an update, or null for four of each process.</summary>
    public Sequence<int>? Batches { get; init; }

    /// <inheritdoc/>
    public override Benchmark Of(Preset? preset, Sequence<int>? batches) => this with { Preset = preset, Batches = batches };

    /// <summary>Images of one update, of which the other processes have to know.</summary>
    /// <param name="processes">How many processes there are.</param>
    public int BatchOf(int processes) => Batches?[0] ?? ImagesOfARank * processes;

    /// <inheritdoc/>
    protected override IEnumerable<BenchmarkLine> Run(Machine machine, Session session)
    {
        var processes = World.Current;
        if (processes.Size == 1)
            throw new InputException(
                "bench distributed", "one process", "several: mpirun -n 2 --bind-to none diffusion bench distributed --threads 1");
        yield return new("messages: time of a short one", 1e6 * MessageTrial.Median(processes, 0).TotalSeconds, "µs");
        var bytes = (double)sizeof(float) * LongMessage * (processes.Size - 1);
        yield return new(
            "messages: rate at which a rank sends long ones", 1e-6 * bytes / MessageTrial.Median(processes, LongMessage).TotalSeconds,
            "MB/s");
        foreach (var line in Training(machine, session))
            yield return line;
    }

    private IEnumerable<BenchmarkLine> Training(Machine machine, Session session)
    {
        var (processes, recipe) = (World.Current, BuiltInRecipes.Find("cifar10-ddpm")!.At(Preset ?? Model.Recipes.Preset.Paper));
        recipe = recipe with { Length = recipe.Length with { Batch = BatchOf(processes.Size), Shards = processes.Size } };
        var timed = new TimedCommunicator(processes);
        using var alone = Trial(recipe, machine, Alone.Only);
        using var all = Trial(recipe, machine, timed);
        var (one, threads, together, share) = (double.MaxValue, double.MaxValue, double.MaxValue, 0.0);
        for (var round = 0; round <= Rounds; round++)
        {
            session.Stopping.ThrowIfCancellationRequested();
            one = Min(one, Seconds(alone));
            torch.set_num_threads(machine.Threads * processes.Size);
            threads = Min(threads, Seconds(alone));
            torch.set_num_threads(machine.Threads);
            var before = timed.Spent;
            var step = Seconds(all);
            if (step < together)
                (together, share) = (step, (timed.Spent - before).TotalSeconds / step);
        }
        var (batch, count) = (recipe.Length.Batch, machine.Threads);
        yield return new(Title(1, count), batch / one, "images/s");
        yield return new(Title(processes.Size, count), batch / together, "images/s");
        yield return new(Title(1, count * processes.Size), batch / threads, "images/s");
        yield return new("efficiency of all ranks", 100 * one / (together * processes.Size), "%");
        yield return new("share of the step in messages and waiting", 100 * share, "%");

        string Title(int ranks, int of) => string.Create(
            CultureInfo.InvariantCulture, $"batch of {batch}, {Counted.Of(ranks, "rank")} of {Counted.Of(of, "thread")}");
    }

    private static TrainTrial Trial(Recipe recipe, Machine machine, ICommunicator processes)
    {
        var before = World.Current;
        World.Join(processes);
        try
        {
            return new(recipe, machine.Device);
        }
        finally
        {
            World.Join(before);
        }
    }

    private static double Seconds(TrainTrial trial)
    {
        var start = Stopwatch.GetTimestamp();
        trial.Run.Advance();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
