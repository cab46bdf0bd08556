using Diffusion.Host.Studio.Web;
using Diffusion.Math.Values;

namespace Diffusion.Host.Studio.Pages;

/// <summary>A real image on its way to noise, as the page and its API ask for it.</summary>
public sealed record ForwardQuestion
{
    /// <summary>The data set, by the name that <c>GET /api/forward</c> lists.</summary>
    public string Set { get; init; } = "mnist";

    /// <summary>The number of the image in the set's sample, from 0 on.</summary>
    public int Image { get; init; }

    /// <summary>What the noise follows from.</summary>
    public ulong Seed { get; init; }

    /// <summary>The level, from 0, the least noisy, to 999.</summary>
    public int At { get; init; } = 500;

    /// <summary>
    /// <c>time</c>: every schedule at this level of its own; <c>logSnr</c>: the first one at it, and the others where their log-SNR is the
    /// nearest.
    /// </summary>
    public string By { get; init; } = "time";

    /// <summary>The schedules, by the names that <c>GET /api/forward</c> lists.</summary>
    public IReadOnlyList<string> Schedules { get; init; } = ["linear", "cosine", "edm", "flow"];

    /// <summary>The pixel's column, from the left.</summary>
    public int X { get; init; }

    /// <summary>The pixel's row, from the top.</summary>
    public int Y { get; init; }

    /// <summary>The pixel's channel: 0, or 1 and 2 for green and blue.</summary>
    public int Channel { get; init; }

    /// <summary>Every schedule that is asked for, with the number of its level.</summary>
    /// <exception cref="RefusedException">A name or number is out of range.</exception>
    internal Sequence<(ScheduleLevels Levels, int Index)> Chosen()
    {
        RefusedException.Unless(At is >= 0 and < ScheduleLevels.Count, $"at: from 0 to {ScheduleLevels.Count - 1}");
        RefusedException.Unless(By is "time" or "logSnr", "by: time or logSnr");
        var known = ScheduleLevels.All.Select(levels => levels.Word);
        RefusedException.Unless(
            Schedules.Count > 0 && Schedules.Distinct().Count() == Schedules.Count && !Schedules.Except(known).Any(),
            $"schedules: some of {string.Join(", ", known)}, each once");
        var chosen = Schedules.Select(word => ScheduleLevels.All.First(levels => levels.Word == word)).ToSequence();
        var logSnr = chosen[0].Levels[At].Marginal.LogSnr;
        return chosen.Select((levels, place) => (levels, By == "time" || place == 0 ? At : levels.Nearest(logSnr))).ToSequence();
    }

    /// <summary>Refuses a number or pixel that images do not have.</summary>
    /// <exception cref="RefusedException">There is no such image or pixel.</exception>
    internal void Check(EmbeddedImages images)
    {
        var shape = images.Shape;
        RefusedException.Unless(Image >= 0 && Image < images.Count, $"image: from 0 to {images.Count - 1}");
        RefusedException.Unless(
            X >= 0 && X < shape.Width && Y >= 0 && Y < shape.Height && Channel >= 0 && Channel < shape.Channels,
            $"x, y, channel: a pixel of {shape.Width}×{shape.Height}, channel 0 to {shape.Channels - 1}");
    }
}
