using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Distributed;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Host.Devices;

/// <summary>What a run is computed on.</summary>
/// <param name="Device">Where the tensors live.</param>
/// <param name="Threads">Threads of one tensor operation.</param>
public sealed record Machine(torch.Device Device, int Threads)
{
    private const int MostThreads = 256;
    private const string Build = "dotnet build";
    private const string WithCuda = $"a libtorch with CUDA ({Build} -p:TorchBackend=cuda, or {LibTorch.FolderVariable})";

    /// <summary>The machine that was asked for, made ready: libtorch is loaded and has its threads.</summary>
    /// <param name="session">Called with what should be known of a libtorch of another version.</param>
    /// <param name="choice">Where.</param>
    /// <param name="threads">Threads of one tensor operation; null for OMP_NUM_THREADS, or one per core where that says nothing.</param>
    /// <exception cref="InputException">
    /// There is no libtorch that can be used, CUDA was asked for where there is none, or more threads than any machine has use for.
    /// </exception>
    public static Machine Ready(Session session, DeviceChoice choice, int? threads)
    {
        (choice, threads) = AsRankZero(choice, threads ?? FromEnvironment);
        var count = threads ?? Environment.ProcessorCount;
        if (ThreadRefusal(count, Environment.ProcessorCount) is { } excess)
            throw excess;
        LibTorch.Ensure();
        foreach (var concern in LibTorchBuild.Concerns())
            session.Warn(concern);
        var usable = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        var hasCuda = usable > 0;
        if (Refusal(choice, usable, CudaDriver.Cards) is { } refusal)
            throw refusal;
        if (!hasCuda && choice == DeviceChoice.Auto && CudaDriver.Cards is [var idle, ..])
            session.Warn($"{idle.Name} is not used: libtorch {LibTorchBuild.Version} in {LibTorch.Folder} has no CUDA, or cannot use it; " +
                $"one with CUDA comes with {Build} -p:TorchBackend=cuda, or by {LibTorch.FolderVariable}");
        torch.set_num_threads(count);
        NativeMemory.KeepFreed();
        if (choice == DeviceChoice.Cpu || !hasCuda)
            return new(torch.CPU, count);
        CudaSettings.Prepare();
        // Each process of a machine takes the next one.
        var index = (choice.Index + Launch.OfThisProcess.LocalRank) % usable;
        return new(index == 0 ? torch.CUDA : new torch.Device(DeviceType.CUDA, index), count);
    }

    // Results depend on both: rank 0 decides, and the others hear of it.
    private static (DeviceChoice Choice, int? Threads) AsRankZero(DeviceChoice choice, int? threads)
    {
        if (World.Current.Rank == 0)
        {
            threads ??= World.Current.Size > 1 ? Max(1, Environment.ProcessorCount / Launch.OfThisProcess.LocalSize) : null;
            new Order(OrderKind.Prepare, threads ?? 0, choice.ToString()).Give(World.Current);
            return (choice, threads);
        }
        var order = Order.Next(World.Current);
        return order.Kind == OrderKind.Prepare ? (DeviceChoice.Parse(order.Text) ?? choice, (int)order.Number)
            : throw new FollowerReleasedException();
    }

    /// <summary>That there is no CUDA device, where nobody named one.</summary>
    /// <param name="cards">GPUs that the driver knows.</param>
    /// <param name="place">What needs one.</param>
    /// <param name="otherwise">What can be done without one.</param>
    internal static InputException WithoutCuda(Sequence<GraphicsCard> cards, string place, string otherwise) => cards is [var there, ..]
        ? new(place, $"no CUDA device: this libtorch cannot use {there.Name}", $"{WithCuda}; {otherwise}")
        : new(place, "no CUDA device", $"an NVIDIA GPU with its driver, and {WithCuda}; {otherwise}");

    /// <summary>Why the choice cannot be had; null where it can.</summary>
    /// <param name="choice">What was asked for.</param>
    /// <param name="usable">GPUs that libtorch can use.</param>
    /// <param name="cards">GPUs that the driver knows.</param>
    internal static InputException? Refusal(DeviceChoice choice, int usable, Sequence<GraphicsCard> cards) => (choice, usable, cards) switch
    {
        ({ IsCuda: false }, _, _) => null,
        (_, 0, [var there, ..]) => new("--device", $"{choice} with a libtorch that cannot use {there.Name}",
            $"cpu or auto, or {WithCuda}"),
        (_, 0, _) => new("--device", $"{choice} on a machine that has no NVIDIA GPU with a driver", "cpu or auto"),
        _ when choice.Index < usable => null,
        (_, 1, _) => new("--device", $"{choice} on a machine with one GPU", "cuda"),
        _ => new("--device", $"{choice} on a machine with {usable} GPUs", $"cuda:0 to cuda:{usable - 1}"),
    };

    /// <summary>
    /// Why so many threads are not started; null where they are. To repeat a run of a larger machine to the bit, there may be many more
    /// than cores; without end they take all memory and processes that the system has.
    /// </summary>
    /// <param name="threads">What was asked for.</param>
    /// <param name="cores">Cores of the machine.</param>
    internal static InputException? ThreadRefusal(int threads, int cores) => Max(MostThreads, 8 * cores) is var most && threads > most
        ? new("--threads", $"{threads} threads on {cores} cores", $"at most {most}")
        : null;

    // As every program with OpenMP has it.
    private static int? FromEnvironment =>
        int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), out var threads) && threads > 0 ? threads : null;

    /// <summary>The size of job that suits it.</summary>
    public Preset Preset => Device.type == DeviceType.CUDA ? Preset.Paper : Preset.Quick;

    /// <summary>One line for a person.</summary>
    public override string ToString() =>
        Device.type == DeviceType.CUDA
            ? CudaDriver.Cards.ElementAtOrDefault(Max(Device.index, 0)) is { } card ? $"{Device}, {card.Name}" : $"{Device}"
            : $"cpu, {Counted.Of(Threads, "thread")}";
}
