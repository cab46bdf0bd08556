using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options that choose what is computed on.</summary>
internal sealed class MachineOptionGroup
{
    private readonly Cli.Option<DeviceChoice?> _device = Define.Option("--device", "auto|cpu|cuda",
        "where to compute; cuda:1 is the second GPU (default: auto, which is CUDA if available)", new DeviceWord());

    private readonly Cli.Option<int?> _threads = Define.Option("--threads", "N",
        "intra-op threads (default: OMP_NUM_THREADS, else the number of cores)", new WholeNumber<int>("a positive whole number", 1));

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_device, _threads];

    /// <summary>Threads alone, where only the CPU will do.</summary>
    public Cli.Option OfThreads => _threads;

    /// <summary>Where the tensors live.</summary>
    public DeviceChoice Device(Cli.ParseResult typed) => typed.GetValue(_device) ?? DeviceChoice.Auto;

    /// <summary>Threads of tensor operations.</summary>
    public int? Threads(Cli.ParseResult typed) => typed.GetValue(_threads);

    private sealed class DeviceWord : TokenKind<DeviceChoice?>
    {
        public override IReadOnlyList<string> Words { get; } = ["auto", "cpu", "cuda"];

        public override string Expected => $"one of {string.Join(", ", Words)}, or cuda:N for GPU number N";

        public override bool TryRead(string token, out DeviceChoice? value)
        {
            value = DeviceChoice.Parse(token);
            return value is not null;
        }
    }
}
