using System.Globalization;
using Diffusion.Host.Pictures;
using Diffusion.Math.Values;
using Diffusion.Model.Data;
using ScottPlot;
using SkiaSharp;

namespace Diffusion.Host.Plots;

/// <summary>The curves of some runs in one figure: a title, a legend, and two panels in each row.</summary>
/// <param name="Runs">The runs, in the order of the legend; at least one.</param>
public sealed record CurveSheet(Sequence<RunCurves> Runs)
{
    private const int Columns = 2;
    private const int PanelWidth = 480;
    private const int PanelHeight = 270;
    private const int Margin = 20;
    private const int TitleHeight = 46;
    private const int LegendHeight = 22;
    private const int CaptionHeight = 24;
    private static readonly SKColor Ink = new(0x22, 0x22, 0x22);
    private static readonly SKColor Faded = new(0x6a, 0x6a, 0x6a);

    // Okabe and Ito's colours, which people see apart whatever their eyes; yellow is left out, being too light for a line.
    private static readonly Sequence<string> Palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000"];

    private Sequence<Panel> Panels { get; } = Panel.Of(Runs);

    private Sequence<string> Colours => Runs.Index().Select(run => Palette[run.Index % Palette.Count]).ToSequence();

    private int Top => Margin + TitleHeight + (Runs.Count > 1 ? LegendHeight * ((Runs.Count + Columns - 1) / Columns) : 0);

    private int Width => Margin + Columns * (PanelWidth + Margin);

    private int Height => Top + (Panels.Count + Columns - 1) / Columns * (CaptionHeight + PanelHeight + Margin);

    /// <summary>Whose curves these are, and how far they go.</summary>
    public string Title
    {
        get
        {
            var recipes = string.Join(", ", Runs.Select(run => run.Recipe).Distinct());
            var samples = string.Join(" or ", Runs.Select(run => run.Usual).OfType<Measure>().Select(measure => $"{measure.Samples} samples, {measure.Sampler}").Distinct());
            return string.Create(CultureInfo.InvariantCulture, $"{recipes}: {(Runs.Count > 1 ? $"{Runs.Count} runs" : Runs[0].Folder)}; distances of {samples}");
        }
    }

    /// <summary>Writes the figure as PNG, with <see cref="Title"/> in the file's notes too.</summary>
    public void WritePng(Stream stream)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
            Draw(canvas);
        var rgba = bitmap.GetPixelSpan();
        var rgb = new byte[3 * Width * Height];
        for (var pixel = 0; pixel < Width * Height; pixel++)
            rgba.Slice(4 * pixel, 3).CopyTo(rgb.AsSpan(3 * pixel));
        Png.Write(stream, new Picture(Width, Height, rgb), [new("Title", Title)]);
    }

    /// <summary>Writes the figure as SVG, in which words stay words.</summary>
    public void WriteSvg(Stream stream)
    {
        using var canvas = SKSvgCanvas.Create(SKRect.Create(Width, Height), stream);
        Draw(canvas);
    }

    private void Draw(SKCanvas canvas)
    {
        canvas.DrawColor(SKColors.White);
        Write(canvas, Title, new(Margin, Margin + 16), Heading);
        if (Runs.Count > 1)
            DrawLegend(canvas);
        foreach (var (index, panel) in Panels.Index())
        {
            var (row, column) = DivRem(index, Columns);
            var (left, top) = (Margin + column * (PanelWidth + Margin), Top + row * (CaptionHeight + PanelHeight + Margin));
            Write(canvas, panel.Title, new(left, top + 15), Caption);
            Write(canvas, panel.Note, new(left + Caption.Face.MeasureText(panel.Title) + 10, top + 15), Remark);
            panel.Draw(Colours).Render(canvas, new PixelRect(left, left + PanelWidth, top + CaptionHeight + PanelHeight, top + CaptionHeight));
        }
    }

    private void DrawLegend(SKCanvas canvas)
    {
        foreach (var (index, run) in Runs.Index())
        {
            var (row, column) = DivRem(index, Columns);
            var (left, middle) = (Margin + column * (PanelWidth + Margin), Margin + TitleHeight - 10 + row * LegendHeight);
            using var paint = new SKPaint { Color = SKColor.Parse(Colours[index]), StrokeWidth = 3, IsAntialias = true };
            canvas.DrawLine(left, middle, left + 24, middle, paint);
            Write(canvas, $"{run.Folder} ({run.Recipe})", new(left + 32, middle + 4), Remark with { Colour = Ink });
        }
    }

    private static Lettering Heading { get; } = new(new(PlotFonts.Bold, 16), Ink);

    private static Lettering Caption { get; } = new(new(PlotFonts.Bold, 13), Ink);

    private static Lettering Remark { get; } = new(new(PlotFonts.Regular, 12), Faded);

    private static void Write(SKCanvas canvas, string text, SKPoint place, Lettering lettering)
    {
        using var paint = new SKPaint { Color = lettering.Colour, IsAntialias = true };
        canvas.DrawText(text, place, SKTextAlign.Left, lettering.Face, paint);
    }

    private sealed record Lettering(SKFont Face, SKColor Colour);
}
