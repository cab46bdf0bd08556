using Diffusion.Host.Samplers;
using Diffusion.Model.Images;

namespace Diffusion.Host.Commands;

/// <summary>What a person asked of samples.</summary>
/// <param name="Sampling">How samples are drawn.</param>
public sealed record SampleOptions(SamplingOptions Sampling)
{
    /// <summary>A file whose request is drawn again, with what was asked for besides; null for none.</summary>
    public string? RequestFile { get; init; }

    /// <summary>The side of the square that an image pixel becomes; null for the usual one.</summary>
    public int? Scale { get; init; }

    /// <summary>What a sheet shows.</summary>
    public SheetContent Content { get; init; }
}

/// <summary>What a sheet of samples shows.</summary>
public enum SheetContent
{
    /// <summary>The samples.</summary>
    Samples,

    /// <summary>How a few samples come into being.</summary>
    Progress,

    /// <summary>The same as an animation.</summary>
    Animation,
}
