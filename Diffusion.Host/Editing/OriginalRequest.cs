using Diffusion.Host.Downloads;
using Diffusion.Host.Measuring;
using Diffusion.Math.Values;

namespace Diffusion.Host.Editing;

/// <summary>Real images as a person asks for them.</summary>
/// <param name="Place">Where they are.</param>
/// <param name="Usual">How many where nobody says, if there are as many; at least 1.</param>
public sealed record OriginalRequest(ImagePlace Place, int Usual)
{
    /// <summary>How many where nobody says, if there are as many; at least 1.</summary>
    public int Usual { get; init => field = Require.AtLeast(value, 1, nameof(Usual)); } = Require.AtLeast(Usual, 1);

    /// <summary>How many; null where nobody says.</summary>
    public int? Count { get; init; }

    /// <summary>How many are passed over first.</summary>
    public int Skip { get; init; }

    /// <summary>Folder of the data set that is named.</summary>
    public string? Data { get; init; }

    /// <summary>Whether the data set may be downloaded.</summary>
    public DownloadPolicy Downloads { get; init; }
}
