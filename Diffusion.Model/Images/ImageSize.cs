using Diffusion.Math.Values;

namespace Diffusion.Model.Images;

/// <summary>Height and width of an image.</summary>
/// <param name="Height">Rows of pixels; at least 1.</param>
/// <param name="Width">Columns of pixels; at least 1.</param>
public sealed record ImageSize(int Height, int Width)
{
    /// <summary>Rows of pixels; at least 1.</summary>
    public int Height { get; init => field = Require.AtLeast(value, 1, nameof(Height)); } = Require.AtLeast(Height, 1);

    /// <summary>Columns of pixels; at least 1.</summary>
    public int Width { get; init => field = Require.AtLeast(value, 1, nameof(Width)); } = Require.AtLeast(Width, 1);
}
