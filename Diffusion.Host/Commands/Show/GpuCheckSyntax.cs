using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
using Diffusion.Host.GpuChecks;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a check of a GPU is asked for.</summary>
internal sealed class GpuCheckSyntax : CommandSyntax
{
    private const string UsualPlace = "gpu-check";
    private const double UsualMinutes = 25;

    private readonly Cli.Option<double?> _minutes = Define.Option("--minutes", "M",
        "time for all parts that have no results yet (default: 25)", new RealNumber(0.01, 100_000));

    private readonly Cli.Option<string> _out = Define.Option("--out", "DIR",
        $"folder of results, new or of an earlier call, which is continued (default: {UsualPlace})", new FreeText("a folder")).Also("-o");

    private readonly Cli.Option<Sequence<string>> _parts = Define.Option("--parts", "NAME,NAME,...",
        $"only these parts, of {string.Join(", ", GpuPlan.Names)} (default: all)",
        new Computed<Sequence<string>>("names of parts, such as probe,train", Named, [.. GpuPlan.Names]));

    private readonly DataOptionGroup _data = new();

    private readonly MachineOptionGroup _machine = new();

    /// <summary>The command <c>gpu-check</c>.</summary>
    public GpuCheckSyntax()
        : base("gpu-check", "Checks and benchmarks a GPU, trains on it and measures samples: one folder of results in half an hour.")
    {
        Take([_minutes, _out, _parts, .. _data.All, _machine.All[0]]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("gpu-check --minutes 25 --out results", "everything; the same line again continues with what is missing"),
        new("gpu-check --out results --parts train,samples,distances", "some parts"),
        new("gpu-check --device cpu --minutes 2 --offline --out rehearsal", "tiny parts on the CPU, to see that they work"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "Parts: the functions of libtorch that the program uses, results of the GPU beside those of the CPU, bench train with batches of "
        + "128, 256 and 512 in every precision and layout, bench sample, the same training step in PyTorch where a python3 has it, "
        + "a training of CIFAR-10 at the paper's size for the time that is left, 10,000 samples, their distances, grids, curves and a "
        + "report.",
        "Each part runs in a process of its own and leaves NAME.json (results), NAME.log and NAME.outcome.json. summary.md is written anew "
        + "after each part. A part that fails or takes too long is recorded with its message, and the others go on.",
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.GpuCheck(
        new(typed.GetValue(_out) ?? UsualPlace, TimeSpan.FromMinutes(typed.GetValue(_minutes) ?? UsualMinutes),
            _machine.Device(typed))
        {
            Data = _data.Folder(typed),
            IsOffline = _data.Downloads(typed) == DownloadPolicy.Offline,
            Only = typed.GetValue(_parts) ?? [],
        });

    private static Sequence<string> Named(string text) => text.Split(',') is var names && names.All(name => GpuPlan.Names.Contains(name))
        ? names.ToSequence()
        : throw new ArgumentException($"'{text}' names a part that there is not.", nameof(text));
}
