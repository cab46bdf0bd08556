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
        "network of the recipe cifar10 (default: both); of quality: size of the named recipes",
        new OneOf<Preset?>(("quick", Preset.Quick), ("paper", Preset.Paper)));

    private readonly Cli.Option<Sequence<int>> _batch = Define.Option("--batch", "N,N,...",
        "batch sizes (default: chosen for the device)", 
        new Computed<Sequence<int>>("batch sizes such as 128,256,512", NumberList.Positive));

    private readonly QualityOptionGroup _quality = new();

    private readonly Cli.Option<bool> _neighbour = Define.Flag("--neighbour", "used by bench busy for its second process");

    /// <summary>The command <c>bench</c>.</summary>
    public BenchSyntax()
        : base("bench", "Benchmarks training, sampling and evaluation on this machine.")
    {
        Arguments.Add(_benchmark);
        _neighbour.Hidden = true;
        Take([_preset, _batch, .. _machine.All, .. _quality.All, _neighbour]);
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
        new("bench distributed", "one process and several, started by mpirun -n 2 --bind-to none"),
        new("bench load --threads 1", "load 35.7 million weights from a file"),
        new("bench quality --minutes 5 --recipe mnist --recipe mnist,length.batch=64 --seeds 3",
            "Fréchet distance after five minutes of training with two batch sizes, three times each"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        $"Waiting OpenMP threads sleep, which leaves the cores to other processes. The environment variables "
        + $"{WaitingThreads.SpinVariable} and {WaitingThreads.PolicyVariable} "
        + "override this; bench busy measures the effect.",
        "bench quality trains in turns; time spent on sampling and evaluation does not count. The steps of a recipe follow from its pace, "
        + "measured first, and its learning rate ends with them. TFLOP: arithmetic of the training steps by the definition of the network; "
        + "of peak: its rate relative to a matrix product. Median and range over the seeds are printed. Samples come from the first EMA. "
        + "Ctrl-C prints what is done.",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (typed.GetValue(_benchmark) is not { } benchmark)
            yield break;
        var foreign = benchmark switch
        {
            QualityBenchmark => [_batch],
            _ when benchmark.Of(null, null) is not null => _quality.All,
            _ => (Cli.Option[])[_preset, _batch, .. _quality.All],
        };
        foreach (var option in foreign.Where(option => typed.IsGiven(option)))
            yield return $"{typed.NameOf(option)}: not an option of bench {benchmark.Name}";
        if (benchmark is QualityBenchmark)
            foreach (var fault in _quality.Faults(typed))
                yield return fault;
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        if (typed.IsGiven(_neighbour))
            return new Command.BeBusy();
        var benchmark = typed.GetValue(_benchmark)!;
        return new Command.Bench(
            benchmark is QualityBenchmark quality ? quality with { Asked = _quality.Read(typed, typed.GetValue(_preset)) }
                : benchmark.Of(typed.GetValue(_preset), typed.GetValue(_batch)) ?? benchmark,
            _machine.Device(typed), _machine.Threads(typed));
    }
}
