using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Cuda;

/// <summary>A fact about an NVIDIA GPU, skipped where there is none; <c>--filter Needs=Cuda</c> selects them.</summary>
/// <remarks>
/// DIFFUSION_CUDA_SPECS_ON=cpu runs them on the CPU instead, which shows nothing about a GPU but that the specs themselves run.
/// </remarks>
public sealed class CudaFactAttribute : FactAttribute
{
    /// <summary>The device that the specs are about.</summary>
    public static Device? Device { get; } = Find();

    /// <summary>Skips where there is no GPU.</summary>
    public CudaFactAttribute() => Skip = Device is null ? "This machine, or this libtorch, has no CUDA device." : null;

    private static Device? Find()
    {
        InitializeDeviceType(DeviceType.CPU);
        return cuda.is_available() ? CUDA : Environment.GetEnvironmentVariable("DIFFUSION_CUDA_SPECS_ON") == "cpu" ? CPU : null;
    }
}
