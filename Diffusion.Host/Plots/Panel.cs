using Diffusion.Math.Values;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Diffusion.Host.Plots;

/// <summary>One quantity over epochs, a line per run.</summary>
/// <param name="Title">What is drawn.</param>
/// <param name="Note">What has to be known to read it; may be empty.</param>
/// <param name="Lines">The points of each run, in the order of the runs; a run without the quantity has none.</param>
/// <param name="Scale">The vertical axis.</param>
internal sealed record Panel(string Title, string Note, Sequence<Sequence<CurvePoint>> Lines, ValueScale Scale)
{
    private const int LabelSize = 11;
    private static readonly Color Ink = Color.FromHex("#4a4a4a");
    private static readonly Color Faint = Color.FromHex("#e6e6e6");

    /// <summary>The quantities of some runs, those of training first.</summary>
    public static Sequence<Panel> Of(Sequence<RunCurves> runs) =>
    [
        Logarithmic("loss", runs), Plain("learning rate", "learning_rate", runs), Logarithmic("gradient norm", runs),
        .. runs.SelectMany(run => run.Distances).Distinct().Select(name => Distance(name, runs)).Where(panel => panel.Values.Count > 0),
    ];

    private Sequence<double> Values => Lines.SelectMany(line => line).Select(point => point.Value).ToSequence();

    /// <summary>The panel as ScottPlot's.</summary>
    /// <param name="colours">A colour per run.</param>
    public Plot Draw(Sequence<string> colours)
    {
        var plot = new Plot();
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        foreach (var (index, line) in Lines.Index())
            Draw(plot, line, Color.FromHex(colours[index]));
        var epochs = Lines.SelectMany(line => line).Select(point => point.Epoch).DefaultIfEmpty(1).ToList();
        var margin = Max(0.5, 0.04 * (epochs.Max() - epochs.Min()));
        plot.Axes.SetLimitsX(epochs.Min() - margin, epochs.Max() + margin);
        if (Values.Count > 0)
            Scale.Fit(plot, Values);
        Dress(plot);
        return plot;
    }

    private static Panel Logarithmic(string title, Sequence<RunCurves> runs)
    {
        var panel = Plain(title, title.Replace(' ', '_'), runs);
        var scale = ValueScale.Spread(panel.Values);
        return panel with { Scale = scale, Note = scale is ValueScale.Logarithmic ? "log scale" : "" };
    }

    private static Panel Plain(string title, string column, Sequence<RunCurves> runs) =>
        new(title, "", runs.Select(run => run.Points(column).Select(point => point with { IsUsual = true }).ToSequence()).ToSequence(), new ValueScale.FromZero());

    private static Panel Distance(string name, Sequence<RunCurves> runs)
    {
        var panel = Plain(name, name, runs) with { Lines = runs.Select(run => run.Points(name)).ToSequence() };
        var points = panel.Lines.SelectMany(line => line).ToList();
        var usual = string.Join(" or ", points.Where(point => point.IsUsual).Select(point => point.Measure.Samples).Distinct());
        var other = string.Join(" or ", points.Where(point => !point.IsUsual).Select(point => point.Measure.Samples).Distinct());
        return panel with { Note = $"n = {usual}{(other.Length > 0 ? $"; circles: measured otherwise, n = {other}" : "")}" };
    }

    // Distances measured in different ways are never joined by a line.
    private static void Draw(Plot plot, Sequence<CurvePoint> line, Color colour, ValueScale scale)
    {
        foreach (var (points, width, shape) in new[]
        {
            (line.Where(point => point.IsUsual).ToList(), 1.8f, MarkerShape.FilledCircle),
            (line.Where(point => !point.IsUsual).ToList(), 0f, MarkerShape.OpenCircle),
        })
        {
            if (points.Count == 0)
                continue;
            var drawn = plot.Add.Scatter(points.Select(point => point.Epoch).ToArray(), points.Select(point => scale.Place(point.Value)).ToArray(), colour);
            drawn.LineWidth = width;
            drawn.MarkerShape = shape;
            drawn.MarkerSize = width == 0 ? 8 : points.Count > 40 ? 0 : 5;
            drawn.MarkerLineWidth = 1.5f;
        }
    }

    private void Draw(Plot plot, Sequence<CurvePoint> line, Color colour) => Draw(plot, line, colour, Scale);

    private static void Dress(Plot plot)
    {
        PlotFonts.Apply(plot);
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        plot.XLabel("epoch");
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Bottom.Label.FontSize = LabelSize;
        plot.Axes.Bottom.Label.ForeColor = Ink;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Right.FrameLineStyle.Width = 0;
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
}
