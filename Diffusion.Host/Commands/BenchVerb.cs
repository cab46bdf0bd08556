using Diffusion.Host.Benchmarks;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a benchmark is asked for.</summary>
internal sealed class BenchVerb : Verb
{
    private readonly Cli.Argument<Benchmark> _benchmark = Words.Argument("WHAT",
        string.Join("; ", Benchmark.All.Select(benchmark => $"{benchmark.Name}: {benchmark.Summary}")),
        new OneOf<Benchmark>([.. Benchmark.All.Select(benchmark => (benchmark.Name, benchmark))]));

    private readonly Cli.Option<DeviceChoice?> _device = Words.Option("--device", "auto|cpu|cuda",
        "where to compute; auto takes CUDA where there is one",
        new OneOf<DeviceChoice?>(("auto", DeviceChoice.Auto), ("cpu", DeviceChoice.Cpu), ("cuda", DeviceChoice.Cuda)));

    private readonly Cli.Option<int?> _threads = Words.Option("--threads", "N",
        "threads of one tensor operation; without it one per core", new WholeNumber<int>("a positive whole number", 1));

    /// <summary>The command <c>bench</c>.</summary>
    public BenchVerb()
        : base("bench", "Measures how fast this machine is at something.")
    {
        Arguments.Add(_benchmark);
        Take(_device, _threads);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("bench fid", "the distance, the Inception network, decoding, resizing, memory"),
        new("bench plan", "a thousand steps of every sampler, schedules of a million levels"),
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        new Command.Bench(typed.GetValue(_benchmark)!, typed.GetValue(_device) ?? DeviceChoice.Auto, typed.GetValue(_threads));
}
