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

/// <summary>Images that were found, and the line that says where.</summary>
/// <param name="Train">The images to learn from.</param>
/// <param name="Test">The images held out; null where a folder has none.</param>
/// <param name="Line">One line for a person.</param>
public sealed record LocatedData(IImageSource Train, IImageSource? Test, string Line) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Train.Dispose();
        Test?.Dispose();
    }
}

/// <summary>Finds a data set: in the folder asked for, else in the cache, else in the network, else in this program itself.</summary>
/// <param name="cache">Where downloads are kept.</param>
/// <param name="downloader">Who fetches them.</param>
public sealed class DataLocator(CacheFolder cache, Downloader downloader)
{
    /// <summary>Finds and reads both parts.</summary>
    /// <exception cref="InputException">
    /// The folder asked for does not hold the data, a file is damaged, or every download had the wrong hash. A network that is
    /// not there is no error.
    /// </exception>
    public async Task<LocatedData> Locate(DataRequest request, CancellationToken cancellation)
    {
        var dataset = request.Dataset;
        if (request.Folder is { } folder)
            return Read(dataset, folder, $"from {folder}");
        var cached = cache[dataset.CacheName];
        if (IsComplete(dataset, cached) && (request.Downloads == DownloadPolicy.Offline || dataset.Downloads.All(download => Fault(download, cached) is null)))
            return dataset.Downloads.Select(download => Fault(download, cached)).FirstOrDefault(fault => fault is not null) is { } damage
                ? throw damage
                : Read(dataset, cached, $"from the cache {cached}");
        if (request.Downloads == DownloadPolicy.Offline)
            return Sample(dataset, $"not in the cache {cached}, and --offline is set");
        foreach (var download in dataset.Downloads)
            if (await downloader.Fetch(download, cached, cancellation) is Fetched.Failed failed)
                return Sample(dataset, $"not downloaded: {failed.Reason}");
        return Read(dataset, cached, $"downloaded to {cached}");
    }

    private static bool IsComplete(Dataset dataset, string folder) => dataset.IsIn(folder, Split.Train) && dataset.IsIn(folder, Split.Test);

    // What was unpacked by hand has no hash that is known.
    private static InputException? Fault(Download download, string folder)
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

    private static LocatedData Read(Dataset dataset, string folder, string whence)
    {
        var train = dataset.Read(folder, Split.Train);
        var test = dataset.IsIn(folder, Split.Test) ? dataset.Read(folder, Split.Test) : null;
        return new(train, test, $"Data: {dataset.Name}, {train.Count} training and {test?.Count ?? 0} test images {whence}.");
    }

    private static LocatedData Sample(Dataset dataset, string why)
    {
        var (train, test) = (dataset.Sample(Split.Train), dataset.Sample(Split.Test));
        return new(train, test, $"Data: only the embedded subset of {dataset.Name}, " +
            $"{train.Count} training and {test.Count} test images ({why}). --data DIR names a folder with the full set.");
    }
}
