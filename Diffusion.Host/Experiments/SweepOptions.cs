using Diffusion.Host.Commands;
using Diffusion.Host.Samplers;

namespace Diffusion.Host.Experiments;

/// <summary>What a person asked of a sweep.</summary>
/// <param name="Kind">What is varied.</param>
/// <param name="Machine">Where pictures are found, and what is computed on.</param>
/// <param name="Common">What all variations share.</param>
public sealed record SweepOptions(SweepKind Kind, TrainOptions Machine, SampleSettings Common)
{
    /// <summary>Samples of each variation; at least 20.</summary>
    public int Count { get; init; } = 1000;

    /// <summary>The folder of the results; null for the run's own.</summary>
    public string? Out { get; init; }
}
