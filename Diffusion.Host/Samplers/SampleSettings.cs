using Diffusion.Math.Noise;
using Diffusion.Math.Sampling;

namespace Diffusion.Host.Samplers;

/// <summary>What a person asked of samples; null where the model's recipe decides.</summary>
public sealed record SampleSettings
{
    /// <summary>The sampler, applied to the model's schedule.</summary>
    public Func<NoiseSchedule, SamplerPlan>? Plan { get; init; }

    /// <summary>w of classifier-free guidance.</summary>
    public double? Guidance { get; init; }

    /// <summary>The classifier that steers samples to their labels; null for none.</summary>
    public SteeringChoice? Steering { get; init; }

    /// <summary>The label of every sample; without it all labels in turn.</summary>
    public ulong? Label { get; init; }

    /// <summary>What the noise follows from.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Height and width.</summary>
    public int? Side { get; init; }

    /// <summary>Samples that pass through the network at once; does not change them.</summary>
    public int? Batch { get; init; }
}
