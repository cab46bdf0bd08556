using SkiaSharp;

namespace Diffusion.Model.Images;

/// <summary>The two fonts that this library carries, so that sheets and plots have their words on machines without any font.</summary>
/// <remarks>DejaVu Sans: Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and the signs of mathematics. There are no Chinese, Japanese or
/// Korean letters, and letters are not joined or reordered as Arabic needs it.</remarks>
public static class EmbeddedFonts
{
    /// <summary>The name of both.</summary>
    public const string Family = "DejaVu Sans";

    /// <summary>What an SVG file asks for: Verdana, which other systems have, is as wide as this font.</summary>
    public const string SvgFamilies = $"{Family}, Verdana, Geneva, sans-serif";

    /// <summary>The upright font.</summary>
    public static SKTypeface Regular { get; } = Load("fonts/DejaVuSans.ttf");

    /// <summary>The heavy font, for titles.</summary>
    public static SKTypeface Bold { get; } = Load("fonts/DejaVuSans-Bold.ttf");

    private static SKTypeface Load(string asset)
    {
        using var content = typeof(EmbeddedFonts).Assembly.GetManifestResourceStream(asset)
            ?? throw new InvalidOperationException($"This library was built without its font {asset}.");
        return SKTypeface.FromStream(content) ?? throw new InvalidOperationException($"The font {asset} of this library cannot be read.");
    }
}
