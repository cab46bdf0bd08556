namespace Diffusion.Host.Devices;

/// <summary>Where tensors live.</summary>
public enum DeviceChoice
{
    /// <summary>CUDA where there is one, else the CPU.</summary>
    Auto,

    /// <summary>Main memory.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU.</summary>
    Cuda,
}
