using Diffusion.Host.Samplers;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Commands;

/// <summary>What a person asked of a sheet of samples.</summary>
/// <param name="Drawing">How samples are drawn.</param>
public sealed record SampleOptions(Drawing Drawing)
{
    /// <summary>How many; at least 1. Null where the kind of sheet decides.</summary>
    public int? Count { get; init; }

    /// <summary>The classifier that steers samples to their labels; null for none.</summary>
    public SteeringRequest? Steering { get; init; }

    /// <summary>What the sheet shows.</summary>
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
