using Diffusion.Model.Images;
using static TorchSharp.torch;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>What becomes of transparency before features are measured: networks know no alpha.</summary>
public enum Transparency
{
    /// <summary>What the preparation has it: as a person sees it on white for the small networks, dropped for Inception.</summary>
    AsPrepared,

    /// <summary>Images are laid over white, whatever the network; the preparation's name says so.</summary>
    OverWhite,
}

/// <summary>Images with alpha, laid over white, then prepared as usual.</summary>
/// <param name="Inner">How they are prepared then.</param>
public sealed record OverWhitePreparation(IImagePreparation Inner) : IImagePreparation
{
    private const string Suffix = ", alpha over white";

    /// <inheritdoc/>
    public string Name => Inner.Name + Suffix;

    /// <inheritdoc/>
    public ImageReading Reading => ImageReading.AsSeen;

    /// <inheritdoc/>
    public ImageShape? Images => Inner.Images;

    /// <summary>The name of a preparation without this one, and whether it was with it.</summary>
    public static (string Inner, Transparency Transparency) Parse(string name) => name.EndsWith(Suffix, StringComparison.Ordinal)
        ? (name[..^Suffix.Length], Transparency.OverWhite) : (name, Transparency.AsPrepared);

    /// <summary>A preparation, with this one before it where that is wanted.</summary>
    public static IImagePreparation Of(IImagePreparation inner, Transparency transparency) =>
        transparency == Transparency.OverWhite ? new OverWhitePreparation(inner) : inner;

    /// <summary>What is done with images of a shape: those with alpha are laid over white.</summary>
    public static Transparency For(ImageShape? images) => images is { Channels: 4 } ? Transparency.OverWhite : Transparency.AsPrepared;

    /// <inheritdoc/>
    public Tensor Prepare(Tensor bytes, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var isTransparent = bytes.dim() == 4 && bytes.shape[1] == 4;
        return Inner.Prepare(isTransparent ? Pixels.OverWhite(bytes) : bytes, type).MoveToOuterDisposeScope();
    }
}
