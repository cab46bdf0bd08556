using System.Xml.Linq;
using Diffusion.Host.Charts;
using Diffusion.Math.Values;
using ScottPlot;

namespace Diffusion.Host.Html;

/// <summary>The curves of runs within a page: a drawing per quantity, in colours that a style sheet can change.</summary>
internal static class CurveFigures
{
    private const int Width = 480;
    private const int Height = 250;

    /// <summary>The figures, with a legend where there are several runs.</summary>
    public static IEnumerable<XElement> Of(Sequence<RunCurves> runs)
    {
        var sheet = new CurveSheet(runs).Sheet;
        if (sheet.Names.Count > 1)
            yield return Html.Tag("ul.legend", sheet.Names.Index().Select(name => Html.Tag("li", Swatch(name.Index), name.Item)));
        yield return Html.Tag("div.curves", sheet.Charts.Index().Select(chart => Figure(chart.Item, sheet.Names, $"c{chart.Index + 1}-")));
    }

    private static XElement Figure(Chart chart, Sequence<string> names, string mark)
    {
        var drawing = SvgDrawing.Of(
            Width, Height, mark, canvas => new ChartPanel(chart, names, Naming.InALegend).Draw(canvas, new PixelRect(0, Width, Height, 0)));
        drawing.Elements(SvgDrawing.Svg + "rect").Where(element => (string?)element.Attribute("fill") == "white").Remove();
        drawing.SetAttributeValue("role", "img");
        drawing.SetAttributeValue("aria-label", Description(chart, names));
        return Html.Tag(
            "figure", Html.Tag("figcaption", Html.Tag("b", chart.Title), chart.Remark.Length > 0 ? $" {chart.Remark}" : null), drawing);
    }

    private static string Description(Chart chart, Sequence<string> names)
    {
        var lines = chart.Series.Where(series => series is { Points.Count: > 0, Style: SeriesStyle.Line or SeriesStyle.Fine })
            .Select(series => string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{(names.Count > 1 ? $"{series.Name}: " : "")}{series.Points[0].Y:G4} at step {series.Points[0].X:0}, " +
                    $"{series.Points[^1].Y:G4} at step {series.Points[^1].X:0}"));
        return $"{chart.Title} over steps. {string.Join("; ", lines)}.";
    }

    private static XElement Swatch(int index)
    {
        var colour = SeriesLook.Of(index).Colour.ToUpperInvariant();
        return new(SvgDrawing.Svg + "svg", Html.With("viewBox", "0 0 24 10"), Html.With("width", "24"), Html.With("height", "10"),
            Html.With("aria-hidden", "true"),
            new XElement(SvgDrawing.Svg + "path", Html.With("d", "M0 5H24"), Html.With("stroke-width", "3"),
                Html.With("stroke", colour == "#000000" ? "black" : colour)));
    }
}
