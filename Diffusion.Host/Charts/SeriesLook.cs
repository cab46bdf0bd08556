using Diffusion.Math.Values;
using ScottPlot;

namespace Diffusion.Host.Charts;

/// <summary>What tells the series of a sheet apart.</summary>
/// <param name="Colour">As #rrggbb.</param>
/// <param name="Shape">The form of a point; it changes where the colours begin again.</param>
internal readonly record struct SeriesLook(string Colour, MarkerShape Shape)
{
    // Okabe and Ito's colours, which people see apart whatever their eyes; yellow is left out, being too light for a line.
    private static readonly Sequence<string> Palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000"];

    private static readonly Sequence<MarkerShape> Shapes =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond];

    /// <summary>The look of a series by its place among the names of a sheet, from 0.</summary>
    public static SeriesLook Of(int index) => new(Palette[index % Palette.Count], Shapes[index / Palette.Count % Shapes.Count]);
}
