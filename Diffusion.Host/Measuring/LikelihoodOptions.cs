using Diffusion.Host.Devices;
using Diffusion.Host.Downloads;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;

namespace Diffusion.Host.Measuring;

/// <summary>What a person asked of a measurement of likelihood; null where the run or the images decide.</summary>
public sealed record LikelihoodOptions
{
    /// <summary>How many images, from the first on; at least 1. Null for all.</summary>
    public int? Count { get; init; }

    /// <summary>At how many of the T times terms are computed; at least 2. Null for all.</summary>
    public int? Levels { get; init; }

    /// <summary>The variance of the reverse steps; null for that of the recipe's sampler.</summary>
    public Variance.Fixed? Variance { get; init; }

    /// <summary>What the noise follows from; null for the run's seed.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Images that pass through the network at once; null for as many as the recipe draws at once.</summary>
    public int? Batch { get; init; }

    /// <summary>Folder of the data set that is named.</summary>
    public string? Data { get; init; }

    /// <summary>Whether the data set may be downloaded.</summary>
    public DownloadPolicy Downloads { get; init; }

    /// <summary>Where the network runs.</summary>
    public DeviceChoice Device { get; init; }

    /// <summary>Threads of tensor operations; at least 1.</summary>
    public int? Threads { get; init; }
}
