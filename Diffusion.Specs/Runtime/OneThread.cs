using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Diffusion.Model.Runtime;

namespace Diffusion.Specs.Runtime;

/// <summary>Runs before any spec: installs the loader and gives libtorch one thread, since parallel specs share the cores.</summary>
/// <remarks>The number of OpenMP threads is a property of each calling thread; only the native environment reaches all of them.</remarks>
internal static partial class OneThread
{
    [ModuleInitializer]
    internal static void Install()
    {
        if (!OperatingSystem.IsWindows())
            _ = SetEnvironment("OMP_NUM_THREADS", "1", 1) + SetEnvironment("MKL_NUM_THREADS", "1", 1);
        Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
        RuntimeHelpers.RunModuleConstructor(typeof(LibTorch).Module.ModuleHandle);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
