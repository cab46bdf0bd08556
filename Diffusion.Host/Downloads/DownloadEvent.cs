namespace Diffusion.Host.Downloads;

/// <summary>What a download reports while it goes on.</summary>
/// <param name="File">The file's name.</param>
public abstract record DownloadEvent(string File)
{
    /// <summary>A mirror answers.</summary>
    /// <param name="File">The file's name.</param>
    /// <param name="Mirror">Who answers.</param>
    /// <param name="Already">Bytes that are here from before and need not come again.</param>
    public sealed record Started(string File, Uri Mirror, long Already) : DownloadEvent(File);

    /// <summary>More has arrived.</summary>
    /// <param name="File">The file's name.</param>
    /// <param name="Received">Bytes that are here.</param>
    /// <param name="Total">Bytes of the whole file, where the mirror says so.</param>
    public sealed record Progressed(string File, long Received, long? Total) : DownloadEvent(File);

    /// <summary>A transfer broke off and will be continued.</summary>
    /// <param name="File">The file's name.</param>
    /// <param name="Reason">What went wrong.</param>
    /// <param name="Delay">How long until the next attempt.</param>
    public sealed record Retrying(string File, string Reason, TimeSpan Delay) : DownloadEvent(File);

    /// <summary>A mirror is given up.</summary>
    /// <param name="File">The file's name.</param>
    /// <param name="Mirror">Which.</param>
    /// <param name="Reason">What went wrong.</param>
    public sealed record GaveUp(string File, Uri Mirror, string Reason) : DownloadEvent(File);

    /// <summary>What is in the cache is not the file; it is removed and fetched again.</summary>
    /// <param name="File">The file's name.</param>
    /// <param name="Reason">What was found.</param>
    public sealed record Damaged(string File, string Reason) : DownloadEvent(File);

    /// <summary>The file is in the cache, and its hash is right.</summary>
    /// <param name="File">The file's name.</param>
    /// <param name="Path">Where.</param>
    public sealed record Stored(string File, string Path) : DownloadEvent(File);
}
