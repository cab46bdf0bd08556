using Diffusion.Math.Values;

namespace Diffusion.Host.Charts;

/// <summary>One quantity against another, as a value: what is drawn, not how.</summary>
/// <param name="Title">The quantity that grows upwards; it stands above the chart, in the place of a label along the axis.</param>
/// <param name="Horizontal">The quantity that grows to the right.</param>
/// <param name="Vertical">How values become heights.</param>
/// <param name="Series">The lines, in the order in which they take their colours; each point's coordinates are finite, and positive on a
/// logarithmic axis.</param>
public sealed record Chart(string Title, ChartAxis Horizontal, ValueScale Vertical, Sequence<Series> Series)
{
    /// <summary>What has to be known to read it, in a few words beside the title; may be empty.</summary>
    public string Remark { get; init; } = "";

    /// <summary>Heights that the series are to be compared with, such as the distance of real images.</summary>
    public Sequence<Level> Levels { get; init; } = [];

    internal Sequence<ChartPoint> Points => Series.SelectMany(series => series.Points).ToSequence();
}

/// <summary>The axis below a chart.</summary>
/// <param name="Title">The quantity, with its unit where it has one.</param>
/// <param name="Scale">How values become places.</param>
public sealed record ChartAxis(string Title, ValueScale Scale);

/// <summary>Points that belong together. Series of one name share their colour, in all charts of a sheet.</summary>
/// <param name="Name">What a person calls it.</param>
/// <param name="Points">The points, in the order in which a line joins them; may be none.</param>
public sealed record Series(string Name, Sequence<ChartPoint> Points)
{
    /// <summary>How the points are shown.</summary>
    public SeriesStyle Style { get; init; }
}

/// <summary>A point of a chart.</summary>
/// <param name="X">To the right; finite.</param>
/// <param name="Y">Upwards; finite.</param>
/// <param name="Label">A word beside the point, such as <c>w = 3</c>; may be empty.</param>
public readonly record struct ChartPoint(double X, double Y, string Label = "");

/// <summary>A height to compare with: a dashed line across the chart.</summary>
/// <param name="Name">What it is; written on the line.</param>
/// <param name="Value">The height; finite.</param>
public readonly record struct Level(string Name, double Value);

/// <summary>How the points of a series are shown.</summary>
public enum SeriesStyle
{
    /// <summary>Joined by a line.</summary>
    Line,

    /// <summary>Joined by a thin line: many points, of which none is looked at by itself.</summary>
    Fine,

    /// <summary>Each by itself.</summary>
    Dots,

    /// <summary>Each by itself, and hollow: measured otherwise than the rest.</summary>
    Circles,
}
