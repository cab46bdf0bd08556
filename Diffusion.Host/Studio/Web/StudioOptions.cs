using System.Net;
using Diffusion.Host.Devices;

namespace Diffusion.Host.Studio.Web;

/// <summary>Where the studio listens, what it shows, and what it computes on.</summary>
public sealed record StudioOptions
{
    /// <summary>The usual port.</summary>
    public const int UsualPort = 8717;

    /// <summary>The address that only this machine reaches.</summary>
    public const string UsualHost = "127.0.0.1";

    /// <summary>The usual folder of runs.</summary>
    public const string UsualRuns = "runs";

    /// <summary>The port; 0 for any that is free.</summary>
    public int Port { get; init; } = UsualPort;

    /// <summary>The address that is listened at, or its name.</summary>
    public string Host { get; init; } = UsualHost;

    /// <summary>The folder with the runs. Nothing outside it is shown or written.</summary>
    public string Runs { get; init; } = UsualRuns;

    /// <summary>Where the tensors live.</summary>
    public DeviceChoice Device { get; init; }

    /// <summary>Threads of tensor operations; at least 1.</summary>
    public int? Threads { get; init; }

    /// <summary>Whether only this machine can reach <see cref="Host"/>.</summary>
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));
}
