using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
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
    public FeatureExtractor Find(ImageShape? shape, ExtractorIdentity? known, torch.Device device) => Chosen(shape, known) is { } small
        ? FeatureExtractor.Small(small, device)
        : FeatureExtractor.Inception(Weights().Path ?? throw Missing(shape), Protocol(known), options.Arithmetic, device);

    private InceptionProtocol Protocol(ExtractorIdentity? known) => options.Protocol
        ?? InceptionProtocol.All.FirstOrDefault(protocol => protocol.Name == known?.Preparation) ?? new InceptionProtocol.PytorchFid();

    // Null is Inception.
    private SmallNetwork? Chosen(ImageShape? shape, ExtractorIdentity? known)
    {
        if (options.Features != FeatureChoice.Auto)
            return SmallNetwork.Named(options.Features.ToString().ToLowerInvariant());
        if (known is not null)
            return SmallNetwork.Named(known.Name);
        var (path, reason) = Weights();
        if (path is not null || SmallNetwork.For(shape) is not { } small)
            return null;
        session.Warn($"no Inception weights ({reason}): using {small.Name} instead; the result is not FID");
        return small;
    }

    private (string? Path, string Reason) Weights()
    {
        if (options.Inception is { } chosen)
            return (chosen, "");
        var folder = cache[CacheName];
        var cached = Path.Combine(folder, InceptionV3.Weights.FileName);
        if (File.Exists(cached))
            return (cached, "");
        if (options.Downloads == DownloadPolicy.Offline)
            return (null, $"nothing in the cache {folder}, and --offline is set");
        using var client = Downloader.NewClient();
        var downloader = new Downloader(client, Patience.Default, new DownloadLines(session));
        return downloader.Fetch(InceptionV3.Weights, folder, session.Stopping).GetAwaiter().GetResult() switch
        {
            Fetched.Stored stored => (stored.Path, ""),
            Fetched.Failed failed => (null, $"not downloaded: {failed.Reason}"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private InputException Missing(ImageShape? shape)
    {
        var known = string.Join(" and ", SmallNetwork.All.Select(network => $"{network.Images.Width}×{network.Images.Height}"));
        var these = shape is { } one ? $"{one.Width}×{one.Height}" : "several sizes";
        return new("--inception", "no file", $"the weights of the Inception network, {InceptionV3.Weights.FileName}"
            + (SmallNetwork.For(shape) is not null ? "" : $": the built-in networks are for images of {known}, not {these}"));
    }
}
