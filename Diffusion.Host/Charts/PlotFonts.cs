using ScottPlot;
using SkiaSharp;

namespace Diffusion.Host.Charts;

/// <summary>The two fonts this program carries, so that plots have their words on machines without any font.</summary>
internal sealed class PlotFonts : IFontResolver
{
    /// <summary>The family by which ScottPlot asks for them.</summary>
    public const string Family = "DejaVu Sans";

    private PlotFonts()
    {
    }

    /// <summary>The upright font.</summary>
    public static SKTypeface Regular { get; } = Load("fonts/DejaVuSans.ttf");

    /// <summary>The heavy font, for titles.</summary>
    public static SKTypeface Bold { get; } = Load("fonts/DejaVuSans-Bold.ttf");

    // ScottPlot has one list of resolvers for the whole process; a font of the machine never comes before ours.
    static PlotFonts() => Fonts.FontResolvers.Insert(0, new PlotFonts());

    /// <summary>Makes every label of a plot use them.</summary>
    public static void Apply(Plot plot) => plot.Font.Set(Regular.FamilyName);

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Family ? weight >= FontWeight.SemiBold ? Bold : Regular : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
        CreateTypeface(fontName, bold ? FontWeight.Bold : FontWeight.Normal, FontSlant.Upright, FontSpacing.Normal);

    private static SKTypeface Load(string asset)
    {
        using var content = typeof(PlotFonts).Assembly.GetManifestResourceStream(asset)
            ?? throw new InvalidOperationException($"This program was built without its font {asset}.");
        return SKTypeface.FromStream(content) ?? throw new InvalidOperationException($"The font {asset} of this program cannot be read.");
    }
}
