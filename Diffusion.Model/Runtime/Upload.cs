using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Runtime;

/// <summary>The way of small tensors from the host to a device.</summary>
public static class Upload
{
    /// <summary>A tensor of the host on a device, without waiting for what the device has yet to compute.</summary>
    /// <remarks>
    /// From ordinary memory a copy to a GPU first waits for everything before it; from pinned memory it takes its place in the queue.
    /// libtorch keeps pinned memory until the copy has been made, so the one here can be given back at once.
    /// </remarks>
    /// <param name="host">A tensor on the CPU; one that is on another device already is moved in the ordinary way.</param>
    /// <param name="device">Where it is wanted.</param>
    /// <returns>The tensor there; the same one where it is there already.</returns>
    public static Tensor To(Tensor host, Device device)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(device);
        if (device.type != DeviceType.CUDA || host.device_type != DeviceType.CPU)
            return host.to(device);
        using var pinned = host.pin_memory();
        return pinned.to(device, non_blocking: true);
    }
}
