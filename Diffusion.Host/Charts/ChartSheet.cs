using Diffusion.Math.Values;
using Diffusion.Model.Images;
using ScottPlot;
using SkiaSharp;

namespace Diffusion.Host.Charts;

/// <summary>A figure: a title and charts, one large or several in rows of two.</summary>
/// <remarks>The names of series stand at the ends of the lines of a single chart, and in a legend above several.</remarks>
/// <param name="Title">What is shown, and of what.</param>
/// <param name="Charts">The charts, in rows from the left; at least one.</param>
public sealed record ChartSheet(string Title, Sequence<Chart> Charts)
{
    private const int Margin = 20;
    private const int TitleHeight = 46;
    private const int LegendHeight = 22;
    private const int LegendLine = 32;
    private const int CaptionHeight = 24;

    /// <summary>What a PNG file of it carries besides the title: how it was made.</summary>
    public Sequence<Note> Notes { get; init; } = [];

    /// <summary>The names of all series, in the order of their looks.</summary>
    public Sequence<string> Names => Charts.SelectMany(chart => chart.Series).Select(series => series.Name).Distinct().ToSequence();

    private bool HasLegend => Charts.Count > 1 && Names.Count > 1;

    private int Columns => Min(Charts.Count, 2);

    private (int Width, int Height) Panel => Columns == 1 ? (760, 420) : (480, 270);

    private int Top => Margin + TitleHeight + (HasLegend ? LegendHeight * (Legend[^1].Row + 1) : 0);

    private int Width => Margin + Columns * (Panel.Width + Margin);

    private int Height => Top + (Charts.Count + Columns - 1) / Columns * (CaptionHeight + Panel.Height + Margin);

    /// <summary>Writes the figure as PNG, with <see cref="Title"/> and <see cref="Notes"/> in the file.</summary>
    public void WritePng(Stream stream)
    {
        Png.Write(stream, Canvas.Draw(Width, Height, Draw), [new("Title", Title), .. Notes]);
    }

    /// <summary>Writes the figure as SVG, in which words stay words.</summary>
    public void WriteSvg(Stream stream)
    {
        using var words = new StreamWriter(stream, leaveOpen: true);
        words.Write(SvgDrawing.Of(Width, Height, "area", Draw).ToString());
    }

    private void Draw(SKCanvas canvas)
    {
        canvas.DrawColor(SKColors.White);
        Lettering.Heading.Within(Title, Width - 2 * Margin).Write(canvas, Title, Margin, Margin + 16);
        if (HasLegend)
            DrawLegend(canvas);
        foreach (var (index, chart) in Charts.Index())
        {
            var (row, column) = DivRem(index, Columns);
            var (left, top) = (Left(column), Top + row * (CaptionHeight + Panel.Height + Margin));
            Lettering.Caption.Write(canvas, chart.Title, left, top + 15);
            var beside = Lettering.Caption.Width(chart.Title) + 10;
            Lettering.Remark.Within(chart.Remark, Panel.Width - beside).Write(canvas, chart.Remark, left + beside, top + 15);
            new ChartPanel(chart, Names, Charts.Count == 1 && Names.Count > 1 ? Naming.AtTheEnds : Naming.InALegend)
                .Draw(canvas, new PixelRect(left, left + Panel.Width, top + CaptionHeight + Panel.Height, top + CaptionHeight));
        }
    }

    // One name beside the other, in as many rows as they need.
    private List<(string Name, float Left, int Row)> Legend
    {
        get
        {
            var places = new List<(string Name, float Left, int Row)>();
            var (left, row) = ((float)Margin, 0);
            foreach (var name in Names)
            {
                var width = LegendLine + Lettering.Remark.Width(name);
                if (left > Margin && left + width > Width - Margin)
                    (left, row) = (Margin, row + 1);
                places.Add((name, left, row));
                left += width + LegendLine;
            }
            return places;
        }
    }

    private void DrawLegend(SKCanvas canvas)
    {
        foreach (var (index, (name, left, row)) in Legend.Index())
        {
            var middle = Margin + TitleHeight - 10 + row * LegendHeight;
            using var paint = new SKPaint { Color = SKColor.Parse(SeriesLook.Of(index).Colour), StrokeWidth = 3, IsAntialias = true };
            canvas.DrawLine(left, middle, left + LegendLine - 8, middle, paint);
            (Lettering.Remark with { Colour = Lettering.Ink }).Write(canvas, name, left + LegendLine, middle + 4);
        }
    }

    private int Left(int column) => Margin + column * (Panel.Width + Margin);
}
