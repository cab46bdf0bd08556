using Diffusion.Model.Images;
using SkiaSharp;

namespace Diffusion.Host.Charts;

/// <summary>Words on a canvas: a face and a colour.</summary>
internal sealed record Lettering(SKFont Face, SKColor Colour)
{
    /// <summary>Near black, for what is read first.</summary>
    public static SKColor Ink { get; } = new(0x22, 0x22, 0x22);

    /// <summary>Grey, for what is read last.</summary>
    public static SKColor Faded { get; } = new(0x6a, 0x6a, 0x6a);

    /// <summary>A sheet's title.</summary>
    public static Lettering Heading { get; } = new(new(EmbeddedFonts.Bold, 16), Ink);

    /// <summary>A chart's title.</summary>
    public static Lettering Caption { get; } = new(new(EmbeddedFonts.Bold, 13), Ink);

    /// <summary>What stands beside a title.</summary>
    public static Lettering Remark { get; } = new(new(EmbeddedFonts.Regular, 12), Faded);

    /// <summary>A word within a chart.</summary>
    public static Lettering Small { get; } = new(new(EmbeddedFonts.Regular, 11), Ink);

    /// <summary>The words' width in pixels.</summary>
    public float Width(string text) => Face.MeasureText(text);

    /// <summary>The same, or smaller where the words would be wider than there is room.</summary>
    public Lettering Within(string text, float room) =>
        Width(text) <= room ? this : this with { Face = new(Face.Typeface, Max(9, Face.Size * room / Width(text))) };

    /// <summary>Writes words from a point of their base line.</summary>
    public void Write(SKCanvas canvas, string text, float left, float bottom)
    {
        using var paint = new SKPaint { Color = Colour, IsAntialias = true };
        canvas.DrawText(text, left, bottom, SKTextAlign.Left, Face, paint);
    }
}
