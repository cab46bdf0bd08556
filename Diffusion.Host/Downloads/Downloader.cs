using System.Diagnostics;
using Diffusion.Model.Files;
using Polly;
using Polly.Retry;

namespace Diffusion.Host.Downloads;

/// <summary>Fetches files into the cache: mirror after mirror, with retries and resumption, and never one with a wrong hash.</summary>
/// <remarks>
/// What has arrived lies beside its destination as <c>.part</c>, and is continued by the next attempt, mirror or run; only a file with
/// the right hash gets its name. There is no network if no mirror answers within <see cref="Patience.Contact"/>, all together.
/// </remarks>
/// <param name="client">Who asks; without a timeout of its own.</param>
/// <param name="patience">How long to wait.</param>
/// <param name="progress">Hears what happens.</param>
/// <param name="clock">By what the rate of a mirror is taken; the system's without it.</param>
public sealed class Downloader(HttpClient client, Patience patience, IProgress<DownloadEvent> progress, TimeProvider? clock = null)
{
    // An attempt that brings at least this much was not in vain, and does not count against the mirror.
    private const long WorthWhile = 1 << 16;

    private readonly Stopwatch _waiting = new();
    private bool _answered;

    /// <summary>A client for <see cref="Downloader"/>.</summary>
    public static HttpClient NewClient()
    {
        // Redirections are followed here, where it is seen whither.
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("diffusion/0.1");
        return client;
    }

    /// <summary>Makes sure that a file is in a folder.</summary>
    /// <returns>Where it is, or why it cannot be had: no network, no mirror that delivers it, no place to put it.</returns>
    /// <exception cref="InputException">What the mirrors deliver has the wrong hash; it was removed.</exception>
    public async Task<Fetched> Fetch(PublishedFile download, string folder, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, download.FileName);
        try
        {
            if (File.Exists(path))
            {
                if (new VerifiedFiles(folder).FaultOf(download) is not { } fault)
                    return new Fetched.Stored(path, null);
                progress.Report(new DownloadEvent.Damaged(download.FileName, fault.Message));
                File.Delete(path);
            }
            Directory.CreateDirectory(folder);
            await using var part = new FileStream($"{path}.part", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Delete);
            return await Fetch(download, part, path, cancellation);
        }
        catch (Exception refusal) when (refusal is IOException and not InputException or UnauthorizedAccessException)
        {
            return new Fetched.Failed($"{path} cannot be written: {refusal.Message.TrimEnd('.')}");
        }
    }

    private async Task<Fetched> Fetch(PublishedFile download, FileStream part, string path, CancellationToken cancellation)
    {
        var failure = "there is no mirror";
        InputException? damage = null;
        foreach (var (index, mirror) in download.Mirrors.Index())
        {
            for (var continued = part.Length > 0; ; continued = false)
                try
                {
                    await Receive(new(client, mirror, part, download, patience, clock ?? TimeProvider.System),
                        Share(download.Mirrors.Count - index), cancellation);
                    if (Damage(download, part, mirror) is not { } found)
                        return Keep(download, part, path, mirror);
                    (damage, failure) = (found, $"{mirror.Host} delivers a file with the wrong hash");
                    part.SetLength(0);
                    // The damage may have been in what was here before: then the mirror is asked for the whole.
                    if (continued)
                        continue;
                    progress.Report(new DownloadEvent.GaveUp(download.FileName, mirror, failure));
                    break;
                }
                catch (TransferException broken)
                {
                    failure = broken.Message;
                    progress.Report(new DownloadEvent.GaveUp(download.FileName, mirror, failure));
                    break;
                }
        }
        if (part.Length == 0)
            File.Delete(part.Name);
        if (damage is not null)
            throw damage;
        return new Fetched.Failed(_answered ? failure : $"no mirror can be reached; {failure}");
    }

    // Until anyone has answered, the mirrors that are left share the time that is left.
    private TimeSpan Share(int mirrors)
    {
        _waiting.Start();
        var left = patience.Contact - _waiting.Elapsed;
        return _answered ? patience.Stall : left > TimeSpan.Zero ? left / mirrors : TimeSpan.FromMilliseconds(1);
    }

    private async Task Receive(Transfer transfer, TimeSpan contact, CancellationToken cancellation)
    {
        var (inVain, before, received) = (0, 0L, 0L);
        var retries = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            ShouldHandle = outcome =>
            {
                _answered |= transfer.IsAnswered;
                inVain = received - before >= WorthWhile ? 1 : inVain + 1;
                before = received;
                var mayRecover = outcome.Outcome.Exception is TransferException { Outlook: Outlook.MayRecover };
                return new(_answered && inVain <= patience.Retries && mayRecover);
            },
            DelayGenerator = _ => new(patience.FirstDelay * (1 << (inVain - 1))),
            OnRetry = retry =>
            {
                progress.Report(new DownloadEvent.Retrying(transfer.File, retry.Outcome.Exception!.Message, retry.RetryDelay));
                return default;
            },
        }).Build();
        await retries.ExecuteAsync(
            async stop => await transfer.Run(_answered ? patience.Stall : contact, patience.Stall, Hear, stop), cancellation);
        _answered = true;

        void Hear(DownloadEvent news)
        {
            if (news is DownloadEvent.Progressed { Received: var now })
                received = now;
            progress.Report(news);
        }
    }

    private static InputException? Damage(PublishedFile download, FileStream part, Uri mirror) =>
        download.Damage(part) is { } damage
            ? new(mirror.ToString(), $"{damage.Found} (the file was removed)", damage.Expected.ToString()) : null;

    private Fetched.Stored Keep(PublishedFile download, FileStream part, string path, Uri mirror)
    {
        part.Flush(flushToDisk: true);
        File.Move(part.Name, path, overwrite: true);
        DirectoryEntry.Flush(path);
        new VerifiedFiles(Path.GetDirectoryName(path)!).Add(download);
        progress.Report(new DownloadEvent.Stored(Path.GetFileName(path), path));
        return new(path, mirror);
    }
}
