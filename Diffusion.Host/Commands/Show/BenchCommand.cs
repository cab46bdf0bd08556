using System.Text.Json.Nodes;
using Diffusion.Host.Benchmarks;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Model.Distributed;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Keeps a core busy until standard input ends: the other process of a benchmark.</summary>
    public sealed record BeBusy : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            BusyNeighbour.BeOne(Console.In, session.Terminal.Output, session.Stopping);
            return ExitCode.Success;
        }
    }

    /// <summary>Measures how fast something is on this machine.</summary>
    /// <param name="Benchmark">What.</param>
    /// <param name="Device">Where.</param>
    /// <param name="Threads">Threads of tensor operations, or null for one per core.</param>
    public sealed record Bench(Benchmark Benchmark, DeviceChoice Device, int? Threads) : Command
    {
        /// <inheritdoc/>
        internal override bool IsShared => Benchmark is DistributedBenchmark;

        /// <inheritdoc/>
        internal override void Follow(Session session)
        {
            var machine = Machine.Ready(session, Device, Threads);
            using var images = TrainTrial.Images(((DistributedBenchmark)Benchmark).BatchOf(World.Current.Size));
            new Follower(World.Current, machine.Device, session.Stopping) { Data = new(images) }.Serve();
        }

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var machine = Machine.Ready(session, Device, Threads);
            session.Say($"{Benchmark.Summary}; on {machine}");
            var report = Benchmark.Report(machine, session);
            session.Answer(report.Text, new JsonObject
            {
                ["benchmark"] = Benchmark.Name,
                ["machine"] = machine.ToString(),
                ["results"] = report.Results,
            });
            return report.Code;
        }
    }
}
