using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Diffusion.Model.Runtime;

/// <summary>How libtorch computes on a GPU, for the whole process.</summary>
public static unsafe class CudaSettings
{
    // at::globalContext() and at::Context::setBenchmarkCuDNN(bool), which TorchSharp does not bind.
    private const string Context = "_ZN2at13globalContextEv";
    private const string SetSearch = "_ZN2at7Context17setBenchmarkCuDNNEb";

    /// <summary>
    /// From now on float32 means float32, and cuDNN finds the fastest way to convolve for each size by trying, once per process.
    /// </summary>
    /// <remarks>
    /// TF32 would shorten products of float32 numbers to 10 bits; who wants speed takes bfloat16, which is faster wherever TF32 exists.
    /// The ways that cuDNN chooses among differ in rounding: on a GPU a run repeats closely, not to the bit.
    /// </remarks>
    /// <returns>Whether this libtorch could be told to search.</returns>
    public static bool Prepare()
    {
        (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (false, false);
        if (LibTorch.Folder is null || !NativeLibrary.TryLoad(Path.Combine(LibTorch.Folder, "libtorch_cpu.so"), out var library)
            || !NativeLibrary.TryGetExport(library, Context, out var context)
            || !NativeLibrary.TryGetExport(library, SetSearch, out var search))
            return false;
        ((delegate* unmanaged<nint, byte, void>)search)(((delegate* unmanaged<nint>)context)(), 1);
        return true;
    }
}
