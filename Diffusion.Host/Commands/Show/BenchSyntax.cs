using Diffusion.Host.Benchmarks;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a benchmark is asked for.</summary>
internal sealed class BenchSyntax : CommandSyntax
{
    private readonly Cli.Argument<Benchmark> _benchmark = Define.Argument("WHAT",
        string.Join("; ", Benchmark.All.Select(benchmark => $"{benchmark.Name}: {benchmark.Summary}")),
        new OneOf<Benchmark>([.. Benchmark.All.Select(benchmark => (benchmark.Name, benchmark))]));

    private readonly MachineOptionGroup _machine = new();

    private readonly Cli.Option<Preset?> _preset = Define.Option("--preset", "quick|paper",
        "network of the recipe cifar10 (default: both)",
        new OneOf<Preset?>(("quick", Preset.Quick), ("paper", Preset.Paper)));

    private readonly Cli.Option<Sequence<int>> _batch = Define.Option("--batch", "N,N,...",
        "batch sizes (default: chosen for the device)", 
        new Computed<Sequence<int>>("batch sizes such as 128,256,512", NumberList.Positive));

    private readonly Cli.Option<bool> _neighbour = Define.Flag("--neighbour", "used by bench busy for its second process");

    /// <summary>The command <c>bench</c>.</summary>
    public BenchSyntax()
        : base("bench", "Benchmarks training, sampling and evaluation on this machine.")
    {
        Arguments.Add(_benchmark);
        _neighbour.Hidden = true;
        Take([_preset, _batch, .. _machine.All, _neighbour]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("bench train --preset paper --batch 8", "a training step of the paper network by phase, compared with peak throughput"),
        new("bench train --preset paper --batch 128,256,512 --device cuda", "the same on a GPU, for several batch sizes, NCHW and NHWC"),
        new("bench sample --json", "network evaluation and sampler overhead, as JSON"),
        new("bench fid", "Fréchet distance, Inception network, decoding, resizing, memory"),
        new("bench plan", "1000 steps of every sampler, schedules with a million levels"),
        new("bench busy", "the cost of another process on one of the cores"),
        new("bench load --threads 1", "load 35.7 million weights from a file"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        $"Waiting OpenMP threads sleep, which leaves the cores to other processes. The environment variables "
        + $"{WaitingThreads.SpinVariable} and {WaitingThreads.PolicyVariable} "
        + "override this; bench busy measures the effect.",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (typed.GetValue(_benchmark) is not { } benchmark || benchmark.Of(null, null) is not null)
            yield break;
        foreach (var option in (Cli.Option[])[_preset, _batch])
            if (typed.IsGiven(option))
                yield return $"{option.Name}: not an option of bench {benchmark.Name}";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        if (typed.IsGiven(_neighbour))
            return new Command.BeBusy();
        var benchmark = typed.GetValue(_benchmark)!;
        return new Command.Bench(
            benchmark.Of(typed.GetValue(_preset), typed.GetValue(_batch)) ?? benchmark, _machine.Device(typed), _machine.Threads(typed));
    }
}
