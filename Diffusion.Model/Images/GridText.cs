using SkiaSharp;

namespace Diffusion.Model.Images;

/// <summary>Words on a sheet.</summary>
/// <param name="Words">One line.</param>
/// <param name="Left">Where they begin.</param>
/// <param name="Bottom">Their base line.</param>
internal readonly record struct GridText(string Words, float Left, float Bottom);

/// <summary>How words on a sheet look, and how much room they take.</summary>
/// <param name="size">The font's size in pixels of the sheet.</param>
internal sealed class GridFace(float size)
{
    // No hinting: a sheet that is drawn larger is the same sheet.
    private readonly SKFont _font = new(EmbeddedFonts.Regular, size)
    {
        Edging = SKFontEdging.Antialias,
        Hinting = SKFontHinting.None,
        Subpixel = true,
    };

    /// <summary>From one line to the next.</summary>
    public int LineHeight { get; } = (int)Ceiling(1.3 * size);

    /// <summary>From the top of a line to the letters' base line: capitals, 0.73 of the size, are in the middle.</summary>
    public float BaseLine => (LineHeight + 0.73f * size) / 2;

    /// <summary>The width of a line of words.</summary>
    public float Width(string words) => _font.MeasureText(words);

    /// <summary>Writes a line.</summary>
    public void Write(SKCanvas canvas, GridText text)
    {
        using var paint = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        canvas.DrawText(text.Words, text.Left, text.Bottom, SKTextAlign.Left, _font, paint);
    }
}
