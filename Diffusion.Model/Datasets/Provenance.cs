using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>What a number measured on images has to carry along: which images they were.</summary>
/// <param name="Description">What the set is and where it came from.</param>
/// <param name="Shape">The shape of one image.</param>
/// <param name="Count">How many images.</param>
/// <param name="Sha256">64 hexadecimal digits over the content; equal digits mean equal images in equal order.</param>
public sealed record Provenance(DataDescription Description, ImageShape Shape, int Count, string Sha256)
{
    /// <summary>The digits of <see cref="ImageDigest"/> where they are known without reading the images; else null.</summary>
    public string? PixelsSha256 { get; init; }

    /// <summary>One line for a person or a report.</summary>
    public override string ToString() =>
        $"{Description.Name} {Description.Split.ToString().ToLowerInvariant()}, {Count} images {Shape}, "
        + $"{Description.Origin}, sha256 {Sha256}";
}
