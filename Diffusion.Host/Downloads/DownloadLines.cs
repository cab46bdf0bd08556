using System.Globalization;
using Diffusion.Host.CommandLine;

namespace Diffusion.Host.Downloads;

/// <summary>Tells of downloads, a line for whatever a person would want to know, and one every few seconds while bytes arrive.</summary>
internal sealed class DownloadLines(Session session) : IProgress<DownloadEvent>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private long _told;

    /// <inheritdoc/>
    public void Report(DownloadEvent value)
    {
        switch (value)
        {
            case DownloadEvent.Started started:
                session.Say($"downloading {started.File} from " +
                    $"{started.Mirror.Host}{(started.Already > 0 ? $", {Size(started.Already)} already downloaded" : "")}");
                break;
            case DownloadEvent.Progressed progressed when TimeProvider.System.GetElapsedTime(_told) > Interval:
                _told = TimeProvider.System.GetTimestamp();
                session.Say($"  {Size(progressed.Received)}{(progressed.Total is { } total ? $" of {Size(total)}" : "")}");
                break;
            case DownloadEvent.Retrying retrying:
                session.Detail($"  {retrying.File}: {retrying.Reason}; retrying in {retrying.Delay.TotalSeconds:0.#} s");
                break;
            case DownloadEvent.GaveUp gaveUp:
                session.Detail($"  {gaveUp.Mirror.Host}: {gaveUp.Reason}");
                break;
            case DownloadEvent.Damaged damaged:
                session.Warn($"{damaged.Reason.TrimEnd('.')}; downloading it again");
                break;
            case DownloadEvent.Stored stored:
                session.Say($"  stored as {stored.Path}");
                break;
        }
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");
}
