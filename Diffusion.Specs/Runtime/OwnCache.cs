using System.Runtime.CompilerServices;

namespace Diffusion.Specs.Runtime;

/// <summary>
/// Runs before any spec: gives the program under test, here and in child processes, a cache of its own that ends with the specs.
/// </summary>
internal static class OwnCache
{
    [ModuleInitializer]
    internal static void Install()
    {
        var folder = Directory.CreateTempSubdirectory("diffusion-specs-cache-").FullName;
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }
}
