using Diffusion.Host.Devices;
using Diffusion.Math.Values;

namespace Diffusion.Host.GpuChecks;

/// <summary>What is asked of the check.</summary>
/// <param name="Out">The folder of results.</param>
/// <param name="Time">The time for all parts that are not there yet; above zero.</param>
/// <param name="Device">The GPU, auto for the first one, or the CPU to rehearse.</param>
public sealed record GpuCheckOptions(string Out, TimeSpan Time, DeviceChoice Device)
{
    /// <summary>The folder of CIFAR-10; null to find it.</summary>
    public string? Data { get; init; }

    /// <summary>Whether nothing may be downloaded.</summary>
    public bool IsOffline { get; init; }

    /// <summary>Names of the parts that are wanted; empty for all.</summary>
    public Sequence<string> Only { get; init; } = [];
}

/// <summary>The parts of the check, in the order in which they are carried out, with the size that suits the device.</summary>
/// <param name="Options">What is asked.</param>
public sealed record GpuPlan(GpuCheckOptions Options)
{
    private const string TinyLevel =
        """{"channels":8,"down":{"attention":"none","resampling":"convolution"},"up":{"attention":"none","resampling":"convolution"}}""";

    private static readonly Sequence<string> TinyNetwork =
        [$"network.levels=[{TinyLevel}]", "network.residual.groups=4", "precision=float32", "evaluation.spacing.count=3"];

    /// <summary>The names of all parts.</summary>
    public static Sequence<string> Names { get; } =
        new GpuPlan(new GpuCheckOptions("", TimeSpan.FromMinutes(1), DeviceChoice.Cuda)).Parts.Select(part => part.Name).ToSequence();

    /// <summary>Whether the parts are small, to show on a CPU that they work; their numbers mean nothing.</summary>
    public bool IsRehearsal => Options.Device == DeviceChoice.Cpu;

    /// <summary>Where the model is trained.</summary>
    public string Run => In("run");

    /// <summary>The parts.</summary>
    public Sequence<GpuPart> Parts =>
    [
        new("probe", "every function of libtorch that the program uses", 4, ["info", "--probe", "--json"]),
        new("agreement", "results of the GPU beside those of the CPU", 3, ["info", "--compare-devices", "--json"]),
        .. Batches.Select(batch => new GpuPart($"bench-train-{batch}", $"training steps of {batch} images, by precision and layout", 5,
            ["bench", "train", "--preset", Preset, "--batch", batch, .. Device, "--json"])),
        new("bench-sample", "network calls in sampling", 4,
            ["bench", "sample", "--preset", Preset, .. IsRehearsal ? (Sequence<string>)["--batch", "2"] : [], .. Device, "--json"]),
        .. PyTorch,
        new("train", "a model of CIFAR-10", 40, IsRehearsal ? Rehearsed : Trained) { Trains = Run },
        new("samples", $"{Count} samples", 6,
            ["sample", Run, "--count", Count, .. Device, "--out", In("samples.npz"), "--json"]) { Run = Run },
        new("distances", "distances of the samples to the training images", 6,
        [
            "fid", "cifar10:train", In("samples.npz"),
            .. IsRehearsal ? (Sequence<string>)["--allow-small"] : ["--kid", "--inception-score", "--precision-recall"],
            "--csv", In("distances.csv"), .. Data, .. Device, "--json",
        ]) { Run = Run },
        new("grid", "a grid of samples", 1,
            ["sample", Run, "--count", IsRehearsal ? "4" : "100", .. Device, "--out", In("grid.png"), "--json"]) { Run = Run },
        new("strip", "progressive generation", 1,
            ["sample", Run, "--strip", "--count", IsRehearsal ? "1" : "4", .. Device, "--out", In("strip.png"), "--json"]) { Run = Run },
        new("curves", "curves of the training", 1, ["plot", Run, "--out", In("curves.png"), "--json"]) { Run = Run },
        new("report", "a page about the training", 1, ["report", Run, "--out", In("report.html"), "--json"]) { Run = Run },
    ];

    private string Preset => IsRehearsal ? "quick" : "paper";

    private string Count => IsRehearsal ? "16" : "10000";

    private Sequence<string> Batches => IsRehearsal ? ["2"] : ["128", "256", "512"];

    private Sequence<string> Device => ["--device", Options.Device.ToString()];

    private Sequence<string> Data =>
        [.. Options.Data is { } folder ? (string[])["--data", folder] : [], .. Options.IsOffline ? (string[])["--offline"] : []];

    private Sequence<string> Trained =>
    [
        "train", "cifar10", "--preset", "quick", .. GpuRecipe.Options, "--minutes", GpuPart.TimePlace, .. Data, .. Device, "--out", Run,
        "--json",
    ];

    private Sequence<string> Rehearsed =>
    [
        "train", "cifar10", "--preset", "quick", "--steps", "4", "--batch", "4", "--samples", "4",
        .. TinyNetwork.SelectMany(change => (string[])["--set", change]), .. Data, .. Device, "--out", Run, "--json",
    ];

    // The same step in PyTorch: as it is, and compiled.
    private IEnumerable<GpuPart> PyTorch =>
        from precision in (string[])["bfloat16", "float32"]
        from compiled in (bool[])[false, true]
        let name = $"pytorch-{precision}{(compiled ? "-compiled" : "")}"
        select new GpuPart(name, $"the training step in PyTorch, {precision}{(compiled ? ", compiled" : ", eager")}", compiled ? 7 : 3,
        [
            In(PyTorchScript.FileName), "--batch", .. Batches, "--precision", precision, "--device", IsRehearsal ? "cpu" : "cuda",
            .. compiled ? (string[])["--compile"] : [], .. IsRehearsal ? (string[])["--rounds", "1", "--warmup", "1"] : [],
        ]) { Program = PartProgram.Python };

    private string In(string name) => Path.Combine(Options.Out, name);
}
