using System.Runtime.InteropServices;

namespace Diffusion.Model.Runtime;

/// <summary>Tells a want of memory from every other failure of libtorch, which reports all of them as one exception with a text.</summary>
public static class OutOfMemory
{
    // CUDA's caching allocator; the CPU's; cuDNN and cuBLAS, which allocate for themselves.
    private static readonly string[] Signs =
        ["out of memory", "can't allocate memory", "not enough memory", "CUDNN_STATUS_ALLOC_FAILED", "CUBLAS_STATUS_ALLOC_FAILED"];

    /// <summary>Whether the failure means that less memory would have sufficed.</summary>
    public static bool IsMeantBy(Exception failure) =>
        failure is OutOfMemoryException
        || (failure is ExternalException && Signs.Any(sign => failure.Message.Contains(sign, StringComparison.OrdinalIgnoreCase)));
}
