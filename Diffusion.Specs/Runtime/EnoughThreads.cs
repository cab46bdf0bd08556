using System.Runtime.CompilerServices;

namespace Diffusion.Specs.Runtime;

/// <summary>Threads for specs that wait, such as those with servers, beside specs that compute for seconds and give none back.</summary>
internal static class EnoughThreads
{
    [ModuleInitializer]
    internal static void Install() => ThreadPool.SetMinThreads(16, 16);
}
