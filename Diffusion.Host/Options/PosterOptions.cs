using Diffusion.Host.Devices;
using Diffusion.Math.Values;

namespace Diffusion.Host.Options;

/// <summary>What a person asked of a poster.</summary>
/// <param name="Out">The folder, or the page in Markdown.</param>
public sealed record PosterOptions(string Out)
{
    /// <summary>The time that training and figures may take; null to train nothing.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>Trained models, as they were named.</summary>
    public Sequence<string> Models { get; init; } = [];

    /// <summary>The folder of the data sets, or a folder for each in it.</summary>
    public string? Data { get; init; }

    /// <summary>Whether nothing may be downloaded.</summary>
    public bool IsOffline { get; init; }

    /// <summary>Where tensors live.</summary>
    public DeviceChoice Device { get; init; }

    /// <summary>Threads of tensor operations; at least 1.</summary>
    public int? Threads { get; init; }

    /// <summary>The words that choose device and threads, for commands that are run on the way.</summary>
    public Sequence<string> Machine { get; init; } = [];

    /// <summary>The command line that makes it again.</summary>
    public string CommandLine { get; init; } = "";
}
