using Diffusion.Model.Datasets;
using Diffusion.Model.Files;

namespace Diffusion.Host.Downloads;

/// <summary>Whether data sets and weights may be downloaded.</summary>
public enum DownloadPolicy
{
    /// <summary>What is missing is downloaded.</summary>
    Allowed,

    /// <summary>Nothing is downloaded.</summary>
    Offline,
}

/// <summary>What a person asks for.</summary>
/// <param name="Dataset">Which data.</param>
/// <param name="Folder">Where they say it is, or null.</param>
/// <param name="Downloads">Whether it may be downloaded.</param>
public sealed record DataRequest(Dataset Dataset, string? Folder, DownloadPolicy Downloads);

/// <summary>
/// Finds a data set: in the folder asked for, else in the cache, else in the network, else the sample in this program where there is one.
/// </summary>
/// <param name="cache">Where downloads are kept.</param>
/// <param name="downloader">Who fetches them.</param>
public sealed class DataLocator(CacheFolder cache, Downloader downloader)
{
    /// <summary>Finds and reads both parts.</summary>
    /// <exception cref="InputException">
    /// The folder asked for does not hold the data, a file is damaged, every download had the wrong hash, or the data is nowhere and there
    /// is no sample of it. Where there is one, a network that is not there is no error.
    /// </exception>
    public async Task<TrainingData> Locate(DataRequest request, CancellationToken cancellation)
    {
        var dataset = request.Dataset;
        if (request.Folder is { } folder)
            return dataset.Open(folder);
        var cached = cache[dataset.CacheName];
        if (IsComplete(dataset, cached)
            && (request.Downloads == DownloadPolicy.Offline || dataset.Files.All(download => Fault(download, cached) is null)))
            return dataset.Files.Select(download => Fault(download, cached)).FirstOrDefault(fault => fault is not null) is { } damage
                ? throw damage
                : dataset.Open(cached, $"from the cache {cached}");
        if (request.Downloads == DownloadPolicy.Offline)
            return Sample(dataset, cached, $"nothing in the cache {cached}, and --offline is set");
        if (dataset.Files.Count == 0)
            return Sample(dataset, cached, $"nothing in the cache {cached}, and its files are not downloaded");
        foreach (var download in dataset.Files)
            if (await downloader.Fetch(download, cached, cancellation) is Fetched.Failed failed)
                return Sample(dataset, cached, $"not downloaded: {failed.Reason}");
        return dataset.Open(cached, $"downloaded to {cached}");
    }

    private static bool IsComplete(Dataset dataset, string folder) => dataset.IsIn(folder, Split.Train) && dataset.IsIn(folder, Split.Test);

    // What was unpacked by hand has no hash that is known.
    private static InputException? Fault(PublishedFile download, string folder)
    {
        var path = Path.Combine(folder, download.FileName);
        try
        {
            return File.Exists(path) ? new VerifiedFiles(folder).FaultOf(download) : null;
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            return new(path, "a file that cannot be read", "one of your own, or remove it", refusal);
        }
    }

    private static TrainingData Sample(Dataset dataset, string cached, string why)
    {
        if (dataset.Embedded is null)
            throw new InputException(
                dataset.Title, why, $"its files in {cached}, or in a folder that --data DIR names: {dataset.Layout.Files}");
        var sample = dataset.Sample();
        var (train, test) = (sample.Train.Provenance.Count, sample.Test!.Provenance.Count);
        return sample with
        {
            Line = $"Data: only the embedded subset of {dataset.Title}, " +
                $"{train} training and {test} test images ({why}). --data DIR names a folder with the full set.",
        };
    }
}
