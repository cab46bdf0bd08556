using Diffusion.Host.CommandLine;
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
    private const string Build = "dotnet build";

    /// <summary>The machine that was asked for, made ready: libtorch is loaded and has its threads.</summary>
    /// <param name="session">Told what should be known of a libtorch of another version.</param>
    /// <param name="choice">Where.</param>
    /// <param name="threads">Threads of one tensor operation; null for OMP_NUM_THREADS, or one per core where that says nothing.</param>
    /// <exception cref="InputException">There is no libtorch that can be used, or CUDA was asked for where there is none.</exception>
    public static Machine Ready(Session session, DeviceChoice choice, int? threads)
    {
        LibTorch.Ensure();
        foreach (var concern in LibTorchBuild.Concerns())
            session.Warn(concern);
        var hasCuda = torch.cuda.is_available();
        if (!hasCuda && choice == DeviceChoice.Cuda)
            throw CudaDriver.Cards is [var there, ..]
                ? new InputException("--device", $"cuda with a libtorch that cannot use {there.Name}",
                    $"cpu or auto, or a libtorch with CUDA ({Build} -p:TorchBackend=cuda, or {LibTorch.FolderVariable})")
                : new InputException("--device", "cuda on a machine that has no NVIDIA GPU with a driver", "cpu or auto");
        if (!hasCuda && choice == DeviceChoice.Auto && CudaDriver.Cards is [var idle, ..])
            session.Warn($"{idle.Name} is not used: libtorch {LibTorchBuild.Version} in {LibTorch.Folder} has no CUDA, or cannot use it; " +
                $"one with CUDA comes with {Build} -p:TorchBackend=cuda, or by {LibTorch.FolderVariable}");
        var count = threads ?? Wished ?? Environment.ProcessorCount;
        torch.set_num_threads(count);
        NativeMemory.KeepFreed();
        if (choice == DeviceChoice.Cpu || !hasCuda)
            return new(torch.CPU, count);
        CudaSettings.Prepare();
        return new(torch.CUDA, count);
    }

    // As every program with OpenMP has it.
    private static int? Wished =>
        int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), out var threads) && threads > 0 ? threads : null;

    /// <summary>The size of job that suits it.</summary>
    public Preset Preset => Device.type == DeviceType.CUDA ? Preset.Paper : Preset.Quick;

    /// <summary>One line for a person.</summary>
    public override string ToString() =>
        Device.type == DeviceType.CUDA
            ? CudaDriver.Cards is [var card, ..] ? $"cuda, {card.Name}" : "cuda"
            : $"cpu, {Threads} {(Threads == 1 ? "thread" : "threads")}";
}
