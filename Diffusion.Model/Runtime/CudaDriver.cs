using System.Runtime.InteropServices;
using System.Text;
using Diffusion.Math.Values;

namespace Diffusion.Model.Runtime;

/// <summary>A GPU as its driver describes it.</summary>
/// <param name="Name">Such as <c>NVIDIA H100 80GB HBM3</c>.</param>
/// <param name="Memory">All its memory, in bytes.</param>
public sealed record GraphicsCard(string Name, long Memory);

/// <summary>What NVIDIA's driver says of the machine, whether or not libtorch can use it.</summary>
public static unsafe class CudaDriver
{
    // CUDA driver API; every function answers 0 for success.
    private const string Library = "libcuda.so.1";
    private const int LongestName = 256;

    /// <summary>The GPUs that the driver offers, in its order; none where there is no driver.</summary>
    public static Sequence<GraphicsCard> Cards { get; } = 
        NativeLibrary.TryLoad(Library, out var driver)
            ? Ask(name => NativeLibrary.TryGetExport(driver, name, out var found) ? found : 0) : [];

    /// <summary>Makes a GPU that of this thread for libraries that go by what is current; false where that cannot be.</summary>
    /// <param name="index">Its number.</param>
    internal static bool MakeCurrent(int index)
    {
        if (!NativeLibrary.TryLoad(Library, out var driver))
            return false;
        nint[] functions = [.. new[] { "cuInit", "cuDeviceGet", "cuDevicePrimaryCtxRetain", "cuCtxSetCurrent" }
            .Select(name => NativeLibrary.TryGetExport(driver, name, out var found) ? found : 0)];
        int device;
        nint context;
        // The context that libtorch uses, too.
        return !functions.Contains(0) && ((delegate* unmanaged<uint, int>)functions[0])(0) == 0
            && ((delegate* unmanaged<int*, int, int>)functions[1])(&device, index) == 0
            && ((delegate* unmanaged<nint*, int, int>)functions[2])(&context, device) == 0
            && ((delegate* unmanaged<nint, int>)functions[3])(context) == 0;
    }

    /// <summary>The GPUs of a driver that is loaded; none where it cannot be asked.</summary>
    /// <param name="function">Finds the driver's functions by name; 0 for one that is not there.</param>
    internal static Sequence<GraphicsCard> Ask(Func<string, nint> function)
    {
        nint[] functions =
            [.. new[] { "cuInit", "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetName", "cuDeviceTotalMem_v2" }.Select(function)];
        int count;
        if (functions.Contains(0)
            || ((delegate* unmanaged<uint, int>)functions[0])(0) != 0 || ((delegate* unmanaged<int*, int>)functions[1])(&count) != 0)
            return [];
        var cards = new List<GraphicsCard>();
        var name = stackalloc byte[LongestName];
        for (var index = 0; index < count; index++)
        {
            int device;
            nuint memory;
            if (((delegate* unmanaged<int*, int, int>)functions[2])(&device, index) == 0
                && ((delegate* unmanaged<byte*, int, int, int>)functions[3])(name, LongestName, device) == 0
                && ((delegate* unmanaged<nuint*, int, int>)functions[4])(&memory, device) == 0)
                cards.Add(new(Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)), (long)memory));
        }
        return cards.ToSequence();
    }
}
