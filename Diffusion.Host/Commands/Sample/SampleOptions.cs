using Diffusion.Host.Samplers;

namespace Diffusion.Host.Commands;

/// <summary>What a person asked of samples.</summary>
/// <param name="Sampling">How samples are drawn.</param>
public sealed record SampleOptions(SamplingOptions Sampling)
{
    /// <summary>A file whose request is drawn again, with what was asked for besides; null for none.</summary>
    public string? RequestFile { get; init; }

    /// <summary>The side of the square that an image pixel becomes; null for the usual one.</summary>
    public int? Scale { get; init; }
}
