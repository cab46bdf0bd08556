using Diffusion.Math.Predictions;
using Diffusion.Math.Sampling;

namespace Diffusion.Host.Samplers;

/// <summary>Settings that some samplers have; null where a sampler's own habit decides.</summary>
public sealed record SamplerSettings
{
    /// <summary>η, how random the sampler is, in [0, 1].</summary>
    public double? Eta { get; init; }

    /// <summary>The method's order.</summary>
    public int? Order { get; init; }

    /// <summary>S_churn of Karras et al. 2022; at least 0.</summary>
    public double? Churn { get; init; }

    /// <summary>The variance of a reverse step.</summary>
    public Variance? Variance { get; init; }

    /// <summary>What happens to estimates out of the data's range.</summary>
    public Limit? Limit { get; init; }
}

/// <summary>A setting that only some samplers have.</summary>
public enum SamplerSetting
{
    /// <summary><see cref="SamplerSettings.Eta"/>.</summary>
    Eta,

    /// <summary><see cref="SamplerSettings.Order"/>.</summary>
    Order,

    /// <summary><see cref="SamplerSettings.Churn"/>.</summary>
    Churn,

    /// <summary><see cref="SamplerSettings.Variance"/>.</summary>
    Variance,
}
