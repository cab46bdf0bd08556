using Diffusion.Host.Devices;
using Diffusion.Host.Downloads;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;

using Diffusion.Math.Values;

namespace Diffusion.Host.Measuring;

/// <summary>What a person asked of a measurement; null where the images or the machine decide.</summary>
public sealed record MeasuringOptions
{
    /// <summary>Which network's features.</summary>
    public ExtractorChoice Extractor { get; init; } = new();

    /// <summary>File with the weights of the Inception network.</summary>
    public string? Inception { get; init; }

    /// <summary>What made the features of statistics that do not say; null where that is not known.</summary>
    public Assumption? Assumed { get; init; }

    /// <summary>What is measured; at least one metric.</summary>
    public Sequence<Metric> Metrics { get; init; } = [new FrechetMetric()];

    /// <summary>Whether fewer images than features will do.</summary>
    public SmallSets Small { get; init; }

    /// <summary>What is kept of the colours of image files that have one size.</summary>
    public ImageChannels Channels { get; init; }

    /// <summary>What becomes of files that cannot be decoded.</summary>
    public BadImages Bad { get; init; }

    /// <summary>Folder of the data set that is named.</summary>
    public string? Data { get; init; }

    /// <summary>Whether data and weights may be downloaded.</summary>
    public DownloadPolicy Downloads { get; init; }

    /// <summary>How samples of a run are drawn.</summary>
    public SamplingRequest Samples { get; init; } = new();

    /// <summary>How many samples of a run are drawn; at least 1. Null for as many as its last evaluation drew.</summary>
    public int? Count { get; init; }

    /// <summary>The first option about samples that was typed; such options need a run to draw them from.</summary>
    public string? SampleOption { get; init; }

    /// <summary>Where the network runs.</summary>
    public DeviceChoice Device { get; init; }

    /// <summary>Threads of tensor operations; at least 1.</summary>
    public int? Threads { get; init; }
}

/// <summary>Whether a distance may be computed from fewer images than features.</summary>
public enum SmallSets
{
    /// <summary>No: it would be far too large, and say nothing.</summary>
    Refused,

    /// <summary>Yes, and the result says so.</summary>
    Allowed,
}
