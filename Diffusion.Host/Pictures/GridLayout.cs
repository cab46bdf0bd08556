using Diffusion.Math.Values;

namespace Diffusion.Host.Pictures;

/// <summary>How images are laid out on a sheet.</summary>
/// <param name="Columns">Images in a row; at least 1.</param>
/// <param name="Scale">Every image pixel becomes a square of this side; at least 1.</param>
/// <param name="Gap">Sheet pixels between images and around them; at least 0.</param>
/// <param name="RowLabels">A text at the left of each row, in ASCII; rows beyond the list have none.</param>
public sealed record GridLayout(int Columns, int Scale, int Gap, Sequence<string> RowLabels)
{
    /// <summary>Images in a row; at least 1.</summary>
    public int Columns { get; init => field = Require.AtLeast(value, 1, nameof(Columns)); } = Require.AtLeast(Columns, 1);

    /// <summary>Every image pixel becomes a square of this side; at least 1.</summary>
    public int Scale { get; init => field = Require.AtLeast(value, 1, nameof(Scale)); } = Require.AtLeast(Scale, 1);

    /// <summary>Sheet pixels between images and around them; at least 0.</summary>
    public int Gap { get; init => field = Require.AtLeast(value, 0, nameof(Gap)); } = Require.AtLeast(Gap, 0);

    /// <summary>Original size, two pixels apart, no labels.</summary>
    public static GridLayout Of(int columns) => new(columns, 1, 2, []);
}
