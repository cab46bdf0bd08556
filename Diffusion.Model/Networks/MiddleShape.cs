using Diffusion.Math.Values;

namespace Diffusion.Model.Networks;

/// <summary>The middle of a U-Net: a residual block, attention, a residual block, at the coarsest resolution.</summary>
public sealed record MiddleShape
{
    /// <summary>The attention between the two residual blocks.</summary>
    public MiddleAttention Attention { get; init; }

    /// <summary>Groups of the normalisation before the attention; null for those of the residual blocks.</summary>
    public int? Groups { get; init => field = value is { } groups ? Require.AtLeast(groups, 1, nameof(Groups)) : null; }

    /// <summary>What every sum of a branch and its input is divided by, in the middle only.</summary>
    public double Divisor { get; init => field = Require.Positive(value); } = 1;
}

/// <summary>The attention in the middle of a U-Net.</summary>
public enum MiddleAttention
{
    /// <summary>Attention behind a group normalisation.</summary>
    Normalised,

    /// <summary>Attention on the activations as they are.</summary>
    Unnormalised,

    /// <summary>No attention in the middle.</summary>
    None,
}
