using Diffusion.Model.Evaluation;
using Diffusion.Host.Devices;
using Diffusion.Host.Options;
using Diffusion.Model.Sampling;

using Diffusion.Math.Values;

namespace Diffusion.Host.Sweeps;

/// <summary>What a person asked of a sweep.</summary>
/// <param name="Kind">What is varied.</param>
/// <param name="Machine">Where images are found, and what is computed on.</param>
/// <param name="Common">What all variations share.</param>
public sealed record SweepOptions(SweepKind Kind, TrainOptions Machine, SamplingRequest Common)
{
    /// <summary>The least number of samples: two of each of ten classes.</summary>
    public const int Fewest = 20;

    /// <summary>The number of samples where a person says nothing.</summary>
    public const int Usual = 1000;

    /// <summary>Samples of each variation; at least <see cref="Fewest"/>.</summary>
    public int Count { get; init; } = Usual;

    /// <summary>What is measured.</summary>
    public Sequence<Metric> Metrics { get; init; } = MetricCatalogue.OfSweeps;

    /// <summary>The side of the square that an image pixel becomes on the sheets; null for the usual one.</summary>
    public int? Scale { get; init; }

    /// <summary>The folder of the results; null for the run's own.</summary>
    public string? Out { get; init; }
}
