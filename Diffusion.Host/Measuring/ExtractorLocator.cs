using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
using Diffusion.Host.Training;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using TorchSharp;

namespace Diffusion.Host.Measuring;

/// <summary>Chooses the feature network for images and finds its weights.</summary>
/// <param name="session">Who is talked to.</param>
/// <param name="options">What was asked for.</param>
/// <param name="cache">Where downloads are kept.</param>
internal sealed class ExtractorLocator(Session session, MeasuringOptions options, CacheFolder cache)
{
    private const string CacheName = "inception";

    /// <summary>The network for images of a shape.</summary>
    /// <param name="shape">The images' shape; null where they differ in it.</param>
    /// <param name="known">What made the statistics they are compared with, where that is known or assumed.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="InputException">There are no weights for it, or they belong to another network.</exception>
    public FeatureExtractor Find(ImageShape? shape, ExtractorIdentity? known, torch.Device device) => Choice(shape, known) switch
    {
        FeatureChoice.LeNet => FeatureExtractor.LeNet(device),
        FeatureChoice.CifarNet => FeatureExtractor.CifarNet(device),
        _ => FeatureExtractor.Inception(Weights().Path ?? throw Missing(shape), Protocol(known), options.Arithmetic, device),
    };

    private InceptionProtocol Protocol(ExtractorIdentity? known) => options.Protocol
        ?? InceptionProtocol.All.FirstOrDefault(protocol => protocol.Name == known?.Preparation) ?? new InceptionProtocol.PytorchFid();

    private FeatureChoice Choice(ImageShape? shape, ExtractorIdentity? known)
    {
        if (options.Features != FeatureChoice.Auto)
            return options.Features;
        if (known is not null)
            return known.Name == LeNet.Shape.Name ? FeatureChoice.LeNet : known.Name == CifarNet.Shape.Name ? FeatureChoice.CifarNet : FeatureChoice.Inception;
        var (path, reason) = Weights();
        if (path is not null || Small(shape) is not { } small)
            return FeatureChoice.Inception;
        session.Warn($"no Inception weights ({reason}): using {small.ToString().ToLowerInvariant()} instead; the result is not FID");
        return small;
    }

    private static FeatureChoice? Small(ImageShape? shape) => (shape?.Channels, shape?.Height, shape?.Width) switch
    {
        (_, 28, 28) => FeatureChoice.LeNet,
        (3, 32, 32) => FeatureChoice.CifarNet,
        _ => null,
    };

    private (string? Path, string Reason) Weights()
    {
        if (options.Inception is { } chosen)
            return (chosen, "");
        var folder = cache[CacheName];
        var cached = Path.Combine(folder, KnownDownloads.Inception.FileName);
        if (File.Exists(cached))
            return (cached, "");
        if (options.Downloads == DownloadPolicy.Offline)
            return (null, $"not in the cache {folder}, and --offline is set");
        using var client = Downloader.NewClient();
        var downloader = new Downloader(client, Patience.Default, new DownloadLines(session));
        return downloader.Fetch(KnownDownloads.Inception, folder, session.Stopping).GetAwaiter().GetResult() switch
        {
            Fetched.Stored stored => (stored.Path, ""),
            Fetched.Failed failed => (null, $"not downloaded: {failed.Reason}"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private InputException Missing(ImageShape? shape) => new("--inception", "no file", $"the weights of the Inception network, {KnownDownloads.Inception.FileName}"
        + (Small(shape) is not null ? "" : $": the built-in networks are for images of 28×28 and 32×32, not {(shape is { } one ? $"{one.Width}×{one.Height}" : "several sizes")}"));
}
