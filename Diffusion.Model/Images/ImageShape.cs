namespace Diffusion.Model.Images;

/// <summary>The shape of one image as a tensor, C×H×W.</summary>
/// <param name="Channels">1 for grey, 3 for red, green, blue, 4 with alpha.</param>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Columns of pixels.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>How many values one image holds.</summary>
    public long Size => (long)Channels * Height * Width;

    /// <summary>Such as <c>3×32×32</c>.</summary>
    public override string ToString() => $"{Channels}×{Height}×{Width}";
}
