using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Runtime;

/// <summary>Memory of a GPU, in bytes.</summary>
/// <param name="Free">What no process has taken. What libtorch keeps for reuse counts as taken.</param>
/// <param name="Total">All there is.</param>
public readonly unsafe record struct DeviceMemory(long Free, long Total)
{
    // CUDA driver API: CUresult cuMemGetInfo_v2(size_t* free, size_t* total), for the calling thread's device.
    private const string Driver = "libcuda.so.1";
    private const string Query = "cuMemGetInfo_v2";

    /// <summary>
    /// Bytes that a program can have at most on a device: all of a GPU's, or what this process may take of the machine's.
    /// </summary>
    /// <exception cref="NotSupportedException">The GPU's driver cannot be asked.</exception>
    public static double AvailableOn(Device device) =>
        device.type == DeviceType.CUDA ? Of(device).Total : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>What a GPU has now.</summary>
    /// <exception cref="ArgumentException">The device is no GPU.</exception>
    /// <exception cref="NotSupportedException">The GPU's driver cannot be asked.</exception>
    public static DeviceMemory Of(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.type != DeviceType.CUDA)
            throw new ArgumentException($"{device} is no GPU.", nameof(device));
        // The driver answers for the context that libtorch makes with a device's first tensor.
        using var first = zeros(1, device: device);
        if (!NativeLibrary.TryLoad(Driver, out var library) || !NativeLibrary.TryGetExport(library, Query, out var found))
            throw new NotSupportedException($"The driver ({Driver}) cannot be asked for its memory ({Query}).");
        nuint free, total;
        var error = ((delegate* unmanaged<nuint*, nuint*, int>)found)(&free, &total);
        return error == 0 ? new((long)free, (long)total) : throw new NotSupportedException($"{Query} answered with error {error}.");
    }
}
