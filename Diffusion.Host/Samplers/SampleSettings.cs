using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Samplers;

/// <summary>What is asked of samples; null where the model's recipe decides.</summary>
public sealed record SampleSettings
{
    /// <summary>The sampler and its levels, for the model's schedule.</summary>
    public Func<NoiseSchedule, SamplerChoice>? Sampler { get; init; }

    /// <summary>The share of the levels that is visited, from the last one on; in (0, 1]. Less than 1 is for plans that have an original.</summary>
    public double Share { get; init; } = 1;

    /// <summary>What becomes of the plan, such as inpainting.</summary>
    public Func<SamplerPlan, SamplerPlan> Rewriting { get; init; } = plan => plan;

    /// <summary>The real pictures of a plan that edits.</summary>
    public Originals? Originals { get; init; }

    /// <summary>Which noise a sample is made of.</summary>
    public NoiseNumbering Noise { get; init; } = new NoiseNumbering.Own();

    /// <summary>w of classifier-free guidance.</summary>
    public double? Guidance { get; init; }

    /// <summary>The classifier that steers samples to their labels; null for none.</summary>
    public SteeringChoice? Steering { get; init; }

    /// <summary>The label of every sample; without it all labels in turn.</summary>
    public ulong? Label { get; init; }

    /// <summary>The label of a sample by its number, where neither one label nor all in turn is meant.</summary>
    public Func<long, long>? Labels { get; init; }

    /// <summary>What the noise follows from.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Height and width.</summary>
    public int? Side { get; init; }

    /// <summary>Samples that pass through the network at once; does not change them.</summary>
    public int? Batch { get; init; }
}
