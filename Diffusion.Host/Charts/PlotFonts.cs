using Diffusion.Model.Images;
using ScottPlot;
using SkiaSharp;

namespace Diffusion.Host.Charts;

/// <summary>Gives ScottPlot the two fonts of the library, by whose names it asks for them.</summary>
internal sealed class PlotFonts : IFontResolver
{
    private PlotFonts()
    {
    }

    // ScottPlot has one list of resolvers for the whole process; a font of the machine never comes before ours.
    static PlotFonts() => Fonts.FontResolvers.Insert(0, new PlotFonts());

    /// <summary>Makes every label of a plot use them.</summary>
    public static void Apply(Plot plot) => plot.Font.Set(EmbeddedFonts.Family);

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == EmbeddedFonts.Family ? weight >= FontWeight.SemiBold ? EmbeddedFonts.Bold : EmbeddedFonts.Regular : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
        CreateTypeface(fontName, bold ? FontWeight.Bold : FontWeight.Normal, FontSlant.Upright, FontSpacing.Normal);
}
