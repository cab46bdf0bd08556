using Diffusion.Host.Benchmarks;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
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
        "threads of one tensor operation (default: OMP_NUM_THREADS, else the number of cores)", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<Preset?> _preset = Words.Option("--preset", "quick|paper",
        "which network of the recipe cifar10 to train or sample from; both without it",
        new OneOf<Preset?>(("quick", Preset.Quick), ("paper", Preset.Paper)));

    private readonly Cli.Option<Sequence<int>> _batch = Words.Option("--batch", "N,N,...",
        "images at once in training or sampling; sizes that suit the machine without it", new Computed<Sequence<int>>("numbers of images such as 128,256,512", WholeNumbers.Positive));

    private readonly Cli.Option<bool> _neighbour = Words.Flag("--neighbour", "what bench busy asks another process for");

    /// <summary>The command <c>bench</c>.</summary>
    public BenchVerb()
        : base("bench", "Measures how fast this machine is at something.")
    {
        Arguments.Add(_benchmark);
        _neighbour.Hidden = true;
        Take(_preset, _batch, _device, _threads, _neighbour);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("bench train --preset paper --batch 8", "a training step of the published network by phase, beside what the machine can do at best"),
        new("bench train --preset paper --batch 128,256,512 --device cuda", "the same on a GPU, for several numbers of images and with the channels last, too"),
        new("bench sample --json", "a network call and what the sampling loop adds to it, for a script"),
        new("bench fid", "the distance, the Inception network, decoding, resizing, memory"),
        new("bench plan", "a thousand steps of every sampler, schedules of a million levels"),
        new("bench busy", "what another process on one of the cores costs"),
        new("bench load --threads 1", "35.7 million weights from a file into the network"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        $"Threads that wait for one another sleep, so that other processes can have their cores. {WaitingThreads.SpinVariable} or {WaitingThreads.PolicyVariable} in the "
        + "environment chooses otherwise; bench busy shows what that costs beside another process.",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (typed.GetValue(_benchmark) is not { } benchmark || benchmark.Of(null, null) is not null)
            yield break;
        foreach (var option in (Cli.Option[])[_preset, _batch])
            if (typed.IsGiven(option))
                yield return $"{option.Name}: bench {benchmark.Name} has no such choice";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        if (typed.IsGiven(_neighbour))
            return new Command.BeBusy();
        var benchmark = typed.GetValue(_benchmark)!;
        return new Command.Bench(
            benchmark.Of(typed.GetValue(_preset), typed.GetValue(_batch)) ?? benchmark, typed.GetValue(_device) ?? DeviceChoice.Auto, typed.GetValue(_threads));
    }
}
