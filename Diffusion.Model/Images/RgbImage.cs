namespace Diffusion.Model.Images;

/// <summary>An image in memory: bytes red, green, blue, pixel by pixel, row by row from the top left.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgb">3·Width·Height bytes.</param>
public sealed record RgbImage(int Width, int Height, byte[] Rgb)
{
    /// <summary>3·Width·Height bytes.</summary>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public byte[] Rgb { get; } = Rgb.LongLength == 3L * Width * Height
        ? Rgb
        : throw new ArgumentException($"{Rgb.LongLength} bytes are no image of {Width}×{Height}.", nameof(Rgb));

    /// <summary>Whether red, green and blue are equal everywhere.</summary>
    public bool IsGrey
    {
        get
        {
            for (var at = 0; at < Rgb.Length; at += 3)
                if (Rgb[at] != Rgb[at + 1] || Rgb[at] != Rgb[at + 2])
                    return false;
            return true;
        }
    }

    /// <summary>The bytes of one row.</summary>
    public Span<byte> Row(int y) => Rgb.AsSpan(3 * y * Width, 3 * Width);

    /// <summary>A part of this image.</summary>
    public RgbImage Crop(int left, int top, int width, int height)
    {
        var rgb = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            Row(top + y).Slice(3 * left, 3 * width).CopyTo(rgb.AsSpan(3 * y * width));
        return new(width, height, rgb);
    }

    /// <summary>Writes a part of this image as three planes, as tensors hold it.</summary>
    /// <param name="left">The part's first column.</param>
    /// <param name="top">The part's first row.</param>
    /// <param name="shape">The part's height and width; 3 channels.</param>
    /// <param name="planes">Receives the red plane, the green and the blue, C×H×W.</param>
    public void CopyPlanes(int left, int top, ImageShape shape, Span<byte> planes)
    {
        for (int y = 0, at = 0; y < shape.Height; y++)
        {
            var row = Row(top + y).Slice(3 * left, 3 * shape.Width);
            for (var x = 0; x < row.Length; at++)
                for (var channel = 0; channel < 3; channel++)
                    planes[channel * shape.Height * shape.Width + at] = row[x++];
        }
    }
}
