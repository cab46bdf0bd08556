using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>Chooses the feature network for images.</summary>
/// <param name="choice">What was asked for.</param>
/// <param name="weights">Looks for the weights of the Inception network; called when they are needed, and once.</param>
public sealed class ExtractorLocator(ExtractorChoice choice, Func<InceptionFile> weights)
{
    private readonly Lazy<InceptionFile> _weights = new(weights);

    /// <summary>The network for images of a shape.</summary>
    /// <param name="shape">The images' shape; null where they differ in it.</param>
    /// <param name="known">What made the statistics they are compared with, where that is known or assumed.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="InputException">There are no weights for it, or they belong to another network.</exception>
    public FeatureExtractor Find(ImageShape? shape, ExtractorIdentity? known, Device device)
    {
        var (prepared, before) = OverWhitePreparation.Parse(known?.Preparation ?? "");
        var transparency = choice.Transparency == Transparency.OverWhite ? choice.Transparency : before;
        if (SmallNetwork.Named(choice.Network ?? known?.Name ?? "") is { } named)
            return FeatureExtractor.Small(named, device, transparency);
        if (_weights.Value is { Path: { } path })
            return FeatureExtractor.Inception(path, Protocol(prepared), choice.Arithmetic, device, transparency);
        if (choice.Network is not null || known is not null || SmallNetwork.For(shape) is not { } small)
            throw Missing(shape);
        choice.Warn($"no weights of the Inception network ({_weights.Value.Reason}): using {small.Name} instead; the result is not FID");
        return FeatureExtractor.Small(small, device, transparency);
    }

    private InceptionProtocol Protocol(string known) => choice.Protocol
        ?? InceptionProtocol.All.FirstOrDefault(protocol => protocol.Name == known) ?? new InceptionProtocol.PytorchFid();

    private InputException Missing(ImageShape? shape)
    {
        if (shape is null && choice.Mixed is { } mixed)
            return new(mixed.Place, mixed.Found, $"images of one size that a built-in network is for, "
                + $"{string.Join(" or ", SmallNetwork.All.Select(network => $"{network.Images.Width}×{network.Images.Height}"))}, "
                + $"not several sizes; --inception FILE accepts every size, with {InceptionV3.Weights.FileName}");
        var known = string.Join(" and ", SmallNetwork.All.Select(network => $"{network.Images.Width}×{network.Images.Height}"));
        var these = shape is { } one ? $"{one.Width}×{one.Height}" : "several sizes";
        return new("--inception", "no file", $"the weights of the Inception network, {InceptionV3.Weights.FileName}"
            + (SmallNetwork.For(shape) is not null ? ""
                : $": the built-in networks are for images of {known}, not {these}"));
    }
}

/// <summary>Which feature network is asked for.</summary>
public sealed record ExtractorChoice
{
    /// <summary>Its name; null for Inception where its weights can be had, else the small network that suits the images.</summary>
    public string? Network { get; init; }

    /// <summary>
    /// How images are prepared for Inception; null for as the statistics they are compared with were, else as pytorch-fid does.
    /// </summary>
    public InceptionProtocol? Protocol { get; init; }

    /// <summary>What becomes of alpha; images that are laid over white are laid over it on both sides.</summary>
    public Transparency Transparency { get; init; }

    /// <summary>In which numbers Inception computes.</summary>
    public FeatureArithmetic Arithmetic { get; init; }

    /// <summary>Which images have no common shape, and what shapes they have; null where all of them have one.</summary>
    public (string Place, string Found)? Mixed { get; init; }

    /// <summary>Called where another network than Inception had to be taken.</summary>
    public Action<string> Warn { get; init; } = _ => { };
}

/// <summary>The weights of the Inception network, or why they cannot be had.</summary>
/// <param name="Path">Where it is; null where it cannot be had.</param>
/// <param name="Reason">Why it cannot be had.</param>
public sealed record InceptionFile(string? Path, string Reason);
