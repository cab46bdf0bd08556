using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;

namespace Diffusion.Host.Studio.Web;

/// <summary>What has to be computed, one after another, in the order in which it was asked for: a device has one user at a time.</summary>
/// <remarks>Work whose client went away is passed over, or cancelled where it has begun. All of it runs on one thread.</remarks>
internal sealed class DeviceQueue : IDisposable
{
    /// <summary>How many may wait; more are refused.</summary>
    public const int MostWaiting = 32;

    private readonly object _lock = new();
    private readonly SemaphoreSlim _filled = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread _thread;
    private ImmutableList<Job> _waiting = [];

    /// <summary>Starts the thread.</summary>
    public DeviceQueue()
    {
        _thread = new(Work) { IsBackground = true, Name = "device" };
        _thread.Start();
    }

    /// <summary>Runs work when its turn comes.</summary>
    /// <param name="work">The work; its token is cancelled when the client goes away or the studio stops.</param>
    /// <param name="gone">Cancelled when the client goes away.</param>
    /// <param name="ahead">Called with the number of those  before it, whenever that changes; must not wait.</param>
    /// <exception cref="RefusedException">Too many wait already.</exception>
    /// <exception cref="OperationCanceledException">The client went away, or the studio stops.</exception>
    public Task<T> Run<T>(Func<CancellationToken, T> work, CancellationToken gone, Action<int>? ahead = null)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = new Job(Do, ahead ?? (_ => { }));
        var place = 0;
        lock (_lock)
        {
            if (_waiting.Count >= MostWaiting)
                throw new RefusedException(
                    StatusCodes.Status503ServiceUnavailable, $"{MostWaiting} requests wait already; try again later");
            place = _waiting.Count;
            _waiting = _waiting.Add(job);
        }
        job.Ahead(place);
        _filled.Release();
        return result.Task;

        void Do()
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(gone, _stopping.Token);
            try
            {
                either.Token.ThrowIfCancellationRequested();
                result.SetResult(work(either.Token));
            }
            catch (OperationCanceledException)
            {
                result.TrySetCanceled(either.Token);
            }
            catch (Exception trouble)
            {
                result.TrySetException(trouble);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _filled.Release();
        _thread.Join(TimeSpan.FromSeconds(10));
    }

    private void Work()
    {
        while (true)
        {
            _filled.Wait();
            ImmutableList<Job> waiting;
            lock (_lock)
            {
                waiting = _waiting;
                if (waiting.Count == 0)
                    return;
                _waiting = waiting.RemoveAt(0);
            }
            waiting[0].Do();
            foreach (var (place, job) in _waiting.Index())
                Tell(job, place);
        }
    }

    // Whatever becomes of one who waits, the others are served.
    private static void Tell(Job job, int place)
    {
        try
        {
            job.Ahead(place);
        }
        catch (Exception)
        {
            // The client is answered by its own work, when its turn comes.
        }
    }

    // The place is of those that wait: the one at work has none before it.
    private sealed record Job(Action Do, Action<int> Ahead);
}
