using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Diffusion.Model.Images;
using SkiaSharp;

namespace Diffusion.Host.Charts;

/// <summary>What was drawn on a canvas, as SVG that looks the same wherever it is opened.</summary>
internal static partial class SvgDrawing
{
    /// <summary>The namespace of SVG's elements.</summary>
    public static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>A drawing as an element that scales with its place.</summary>
    /// <param name="width">Of the drawing, in pixels.</param>
    /// <param name="height">Of the drawing, in pixels.</param>
    /// <param name="mark">What its names begin with, so that several fit into one document.</param>
    /// <param name="draw">Draws it.</param>
    public static XElement Of(int width, int height, string mark, Action<SKCanvas> draw)
    {
        using var stream = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(SKRect.Create(width, height), stream))
            draw(canvas);
        stream.Position = 0;
        var drawing = XElement.Load(stream);
        drawing.SetAttributeValue("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width} {height}"));
        // Ticks of no length, by the hundred.
        drawing.Descendants(Svg + "path").Where(path => Point().IsMatch((string?)path.Attribute("d") ?? "")).Remove();
        Rename(drawing, mark);
        foreach (var text in drawing.Descendants(Svg + "text"))
            Respell(text);
        return drawing;
    }

    // Skia counts its names through the whole process: equal drawings should be equal text.
    private static void Rename(XElement drawing, string mark)
    {
        var names = drawing.Descendants()
            .Attributes("id").Select(id => id.Value).Index().ToDictionary(name => $"url(#{name.Item})", name => $"{mark}{name.Index + 1}");
        foreach (var attribute in drawing.Descendants().Attributes().ToList())
            if (attribute.Name == "id")
                attribute.Value = names[$"url(#{attribute.Value})"];
            else if (names.TryGetValue(attribute.Value, out var name))
                attribute.Value = $"url(#{name})";
    }

    // Skia places each letter by itself, which no other font survives: a word is placed by its middle instead.
    private static void Respell(XElement text)
    {
        var word = text.Value.Trim();
        using var font = new SKFont(
            text.Attribute("font-weight") is null ? EmbeddedFonts.Regular : EmbeddedFonts.Bold,
            Number((string?)text.Attribute("font-size")));
        text.SetAttributeValue(
            "x", (Number((string?)text.Attribute("x")) + font.MeasureText(word) / 2).ToString("0.##", CultureInfo.InvariantCulture));
        text.SetAttributeValue("y", Number((string?)text.Attribute("y")).ToString("0.##", CultureInfo.InvariantCulture));
        text.SetAttributeValue("text-anchor", "middle");
        text.SetAttributeValue("font-family", EmbeddedFonts.SvgFamilies);
        text.Value = word;
    }

    private static float Number(string? list) =>
        float.TryParse(list?.Split(',')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"^M(\S+ \S+)L\1$")]
    private static partial Regex Point();
}
