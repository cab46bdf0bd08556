namespace Diffusion.Specs.Runtime;

/// <summary>Threads for specs that wait, such as those with servers, beside specs that compute for seconds and give none back.</summary>
/// <remarks>
/// xunit queues all collections at once, in order. Many threads would take one each, and one whose turn on a busy core comes later would
/// keep a long collection until the others are done: they come when all are queued.
/// </remarks>
internal static class EnoughThreads
{
    private static readonly TimeSpan UntilQueued = TimeSpan.FromSeconds(2);

    private static Timer? _timer;

    /// <summary>Adds them in a while; to be called when the collections are about to be queued.</summary>
    public static void Soon() => _timer ??= new(_ => ThreadPool.SetMinThreads(16, 16), null, UntilQueued, Timeout.InfiniteTimeSpan);
}
