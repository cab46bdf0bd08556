using Diffusion.Math.Values;
using ScottPlot;
using SkiaSharp;

namespace Diffusion.Host.Charts;

/// <summary>A chart in its place on a sheet.</summary>
/// <param name="Chart">What is drawn.</param>
/// <param name="Names">The names of all series of the sheet, in the order of their looks.</param>
/// <param name="Naming">Where the names of the series are said.</param>
internal sealed record ChartPanel(Chart Chart, Sequence<string> Names, Naming Naming)
{
    private const int LabelSize = 11;
    private const int LeastLeft = 52;
    private const float Leader = 16;
    private static readonly Color Ink = Color.FromHex("#4a4a4a");
    private static readonly Color Faint = Color.FromHex("#e6e6e6");
    private static readonly Color Fixed = Color.FromHex("#8a8a8a");

    /// <summary>Draws it into a rectangle of the canvas.</summary>
    public void Draw(SKCanvas canvas, PixelRect place)
    {
        var plot = new Plot();
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        foreach (var level in Chart.Levels)
            plot.Add.HorizontalLine(Chart.Vertical.Place(level.Value), 1, Fixed, LinePattern.Dashed);
        foreach (var series in Chart.Series.Where(series => series.Points.Count > 0))
            Add(plot, series);
        Dress(plot);
        Chart.Horizontal.Scale.Fit(plot.Axes.Bottom, Chart.Points.Select(point => point.X).ToSequence());
        Chart.Vertical.Fit(plot.Axes.Left, [.. Chart.Points.Select(point => point.Y), .. Chart.Levels.Select(level => level.Value)]);
        var ends = Naming == Naming.AtTheEnds ? Ends : [];
        if (ends.Count > 0)
            plot.Axes.Right.MinimumSize = Leader + ends.Max(end => Lettering.Small.Width(end.Name)) + 4;
        plot.Render(canvas, place);
        var places = Places(plot);
        WritePoints(canvas, plot, places);
        WriteLevels(canvas, plot, places);
        WriteNames(canvas, plot, ends);
    }

    private SeriesLook Look(string name) => SeriesLook.Of(Names.TakeWhile(other => other != name).Count());

    private void Add(Plot plot, Series series)
    {
        var (points, look) = (series.Points, Look(series.Name));
        var drawn = plot.Add.Scatter(
            points.Select(point => Chart.Horizontal.Scale.Place(point.X))
                .ToArray(), points.Select(point => Chart.Vertical.Place(point.Y)).ToArray(), Color.FromHex(look.Colour));
        drawn.LineWidth = series.Style switch { SeriesStyle.Line => 1.8f, SeriesStyle.Fine => 1.1f, _ => 0 };
        drawn.MarkerShape = series.Style == SeriesStyle.Circles ? MarkerShape.OpenCircle : look.Shape;
        drawn.MarkerSize = series.Style == SeriesStyle.Circles ? 8 : series.Style == SeriesStyle.Dots ? 7
            : series.Style == SeriesStyle.Fine ? (points.Count > 1 ? 0 : 4) : points.Count > 40 ? 0 : 5;
        drawn.MarkerLineWidth = 1.5f;
    }

    private void Dress(Plot plot)
    {
        PlotFonts.Apply(plot);
        plot.XLabel(Chart.Horizontal.Title);
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Bottom.Label.FontSize = LabelSize;
        plot.Axes.Bottom.Label.ForeColor = Ink;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Left.MinimumSize = LeastLeft;
        plot.Grid.XAxisStyle.IsVisible = false;
        plot.Grid.MajorLineColor = Faint;
        foreach (var axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.TickLabelStyle.FontSize = LabelSize;
            axis.TickLabelStyle.ForeColor = Ink;
            axis.FrameLineStyle.Color = Ink;
            axis.MinorTickStyle.Length = 0;
            axis.MajorTickStyle.Color = Ink;
        }
    }

    private SKPoint Pixel(Plot plot, double x, double y)
    {
        var pixel = plot.GetPixel(new Coordinates(Chart.Horizontal.Scale.Place(x), Chart.Vertical.Place(y)));
        return new(pixel.X, pixel.Y);
    }

    // Of the area, what lines and points leave free.
    private FreePlaces Places(Plot plot)
    {
        var area = plot.RenderManager.LastRender.DataRect;
        var places = new FreePlaces(new(area.Left, area.Top - LabelSize, area.Right + LabelSize, area.Bottom));
        foreach (var series in Chart.Series)
        {
            var points = series.Points.Select(point => Pixel(plot, point.X, point.Y)).ToList();
            points.ForEach(places.KeepOff);
            if (series.Style == SeriesStyle.Line)
                foreach (var (from, to) in points.Zip(points.Skip(1)))
                    places.KeepOff(from, to);
        }
        foreach (var level in Chart.Levels)
            places.KeepOff(new(area.Left, LevelHeight(plot, level)), new(area.Right, LevelHeight(plot, level)));
        return places;
    }

    private float LevelHeight(Plot plot, Level level) => plot.GetPixel(new Coordinates(0, Chart.Vertical.Place(level.Value))).Y;

    // Above or below the line, as far to the right as there is room.
    private void WriteLevels(SKCanvas canvas, Plot plot, FreePlaces places)
    {
        var area = plot.RenderManager.LastRender.DataRect;
        foreach (var level in Chart.Levels)
        {
            var (width, height) = (Lettering.Small.Width(level.Name), LevelHeight(plot, level));
            var starts = from step in Enumerable.Range(0, 9)
                         from below in (float[])[-4, LabelSize + 2]
                         select new SKPoint(area.Right - width - 2 - step * (area.Width - width - 6) / 8, height + below);
            var place = places.Take(width, LabelSize - 2, starts);
            (Lettering.Small with { Colour = Lettering.Faded }).Write(canvas, level.Name, place.X, place.Y);
        }
    }

    // Around the point, and where there is no room further away from it.
    private void WritePoints(SKCanvas canvas, Plot plot, FreePlaces places)
    {
        foreach (var series in Chart.Series)
            foreach (var point in series.Points.Where(point => point.Label.Length > 0))
            {
                var (place, width) = (Pixel(plot, point.X, point.Y), Lettering.Small.Width(point.Label));
                var starts = from away in (float[])[6, 12, 20]
                             from start in (SKPoint[])
                             [
                                 new(away, -away), new(-away - width, -away), new(away, away + LabelSize - 4),
                                 new(-away - width, away + LabelSize - 4),
                                 new(away + 2, 4), new(-away - 2 - width, 4), new(-width / 2, -away - 2),
                                 new(-width / 2, away + LabelSize - 2),
                             ]
                             select place + start;
                var chosen = places.Take(width, LabelSize - 2, starts, place);
                InColour(series.Name).Write(canvas, point.Label, chosen.X, chosen.Y);
            }
    }

    // Where each name's rightmost point is.
    private Sequence<(string Name, ChartPoint Point)> Ends =>
    [
        .. Chart.Series.Where(series => series.Points.Count > 0).GroupBy(series => series.Name)
            .Select(same => (same.Key, same.SelectMany(series => series.Points).MaxBy(point => point.X))),
    ];

    // From top to bottom, each at the height of its line or as much lower as the name above it needs; then all up again where they left the
    // chart.
    private void WriteNames(SKCanvas canvas, Plot plot, Sequence<(string Name, ChartPoint Point)> ends)
    {
        const float apart = LabelSize + 4;
        var area = plot.RenderManager.LastRender.DataRect;
        var places = ends.Select(end => (end.Name, From: Pixel(plot, end.Point.X, end.Point.Y))).OrderBy(end => end.From.Y).ToList();
        var heights = new float[places.Count];
        for (var index = 0; index < heights.Length; index++)
            heights[index] = index == 0 ? places[0].From.Y : Max(places[index].From.Y, heights[index - 1] + apart);
        for (var (index, lowest) = (heights.Length - 1, area.Bottom); index >= 0; index--, lowest -= apart)
            heights[index] = Min(heights[index], lowest);
        foreach (var (index, (name, from)) in places.Index())
        {
            var words = InColour(name);
            using var paint = new SKPaint { Color = words.Colour.WithAlpha(0x70), StrokeWidth = 1, IsAntialias = true };
            canvas.DrawLine(from.X + 5, from.Y, area.Right + Leader - 4, heights[index], paint);
            words.Write(canvas, name, area.Right + Leader, heights[index] + 4);
        }
    }

    private Lettering InColour(string name) => Lettering.Small with { Colour = SKColor.Parse(Look(name).Colour) };
}

/// <summary>Where the names of series are said.</summary>
internal enum Naming
{
    /// <summary>In a legend above all charts, or nowhere where there is but one name.</summary>
    InALegend,

    /// <summary>At the right end of each line.</summary>
    AtTheEnds,
}
