using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;

namespace Diffusion.Host.Training;

/// <summary>Finds the weights of the Inception network: those that were named, those in the cache, else by a download.</summary>
internal static class InceptionWeightsFile
{
    private const string CacheName = "inception";

    /// <summary>Looks for them.</summary>
    /// <param name="session">Who is talked to, and may stop it.</param>
    /// <param name="chosen">The file that a person named, or null.</param>
    /// <param name="network">Whether they may be downloaded.</param>
    public static InceptionFile Find(Session session, string? chosen, DownloadPolicy network)
    {
        var (folder, file) = (CacheFolder.Default[CacheName], InceptionV3.Weights);
        var cached = chosen ?? Path.Combine(folder, file.FileName);
        if (chosen is not null || File.Exists(cached))
            return new(cached, "");
        if (network == DownloadPolicy.Offline)
            return new(null, $"nothing in the cache {folder}, and --offline is set");
        using var client = Downloader.NewClient();
        var downloader = new Downloader(client, Patience.Default, new DownloadLines(session));
        return downloader.Fetch(file, folder, session.Stopping).GetAwaiter().GetResult() switch
        {
            Fetched.Stored stored => new(stored.Path, ""),
            Fetched.Failed failed => new(null, $"not downloaded: {failed.Reason}"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
