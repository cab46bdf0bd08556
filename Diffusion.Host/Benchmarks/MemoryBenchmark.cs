using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;

namespace Diffusion.Host.Benchmarks;

/// <summary>Whether training takes more memory the longer it lasts.</summary>
public sealed record MemoryBenchmark() : SpeedBenchmark("memory", "memory growth over 500 training steps")
{
    /// <inheritdoc/>
    protected override IEnumerable<BenchmarkLine> Run(Machine machine, Session session)
    {
        yield return Growth(machine, session);
    }

    /// <summary>The growth, to be part of other benchmarks, too.</summary>
    internal static BenchmarkLine Growth(Machine machine, Session session) =>
        new("memory growth, step 200 to 700", MemoryGrowth.Of(machine.Device, session.Stopping), "MB");
}
