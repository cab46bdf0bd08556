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

    /// <summary>
    /// Width·Height bytes: 255 for an opaque pixel, 0 for one that is not seen; colours are not multiplied by it. Null where all pixels are
    /// opaque and the image is one of three channels.
    /// </summary>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public byte[]? Alpha
    {
        get;
        init => field = value is null || value.LongLength == (long)Width * Height
            ? value
            : throw new ArgumentException($"{value.LongLength} bytes are no alpha of {Width}×{Height} pixels.", nameof(Alpha));
    }

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
        var alpha = Alpha is null ? null : new byte[width * height];
        for (var y = 0; y < height; y++)
        {
            Row(top + y).Slice(3 * left, 3 * width).CopyTo(rgb.AsSpan(3 * y * width));
            Alpha?.AsSpan((top + y) * Width + left, width).CopyTo(alpha.AsSpan(y * width));
        }
        return new(width, height, rgb) { Alpha = alpha };
    }

    /// <summary>This image, opaque: laid over a colour.</summary>
    public RgbImage Over(PixelColour under)
    {
        if (Alpha is null)
            return this;
        var rgb = new byte[Rgb.Length];
        for (var at = 0; at < rgb.Length; at++)
            rgb[at] = under.Under(Rgb[at], at % 3, Alpha[at / 3]);
        return new(Width, Height, rgb);
    }

    /// <summary>Writes a part of this image as planes, as tensors hold it.</summary>
    /// <param name="left">The part's first column.</param>
    /// <param name="top">The part's first row.</param>
    /// <param name="shape">The part's height and width; 3 channels, or 4 with alpha.</param>
    /// <param name="planes">Receives the red plane, the green, the blue and, where it is asked for, alpha: C×H×W.</param>
    public void CopyPlanes(int left, int top, ImageShape shape, Span<byte> planes)
    {
        var size = shape.Height * shape.Width;
        for (var y = 0; y < shape.Height; y++)
        {
            var row = Row(top + y).Slice(3 * left, 3 * shape.Width);
            for (var channel = 0; channel < 3; channel++)
            {
                var target = planes.Slice(channel * size + y * shape.Width, shape.Width);
                for (var x = 0; x < target.Length; x++)
                    target[x] = row[3 * x + channel];
            }
        }
        if (shape.Channels < 4)
            return;
        if (Alpha is null)
            planes[(3 * size)..].Fill(byte.MaxValue);
        for (var y = 0; Alpha is not null && y < shape.Height; y++)
            Alpha.AsSpan((top + y) * Width + left, shape.Width).CopyTo(planes[(3 * size + y * shape.Width)..]);
    }

    /// <summary>The same image, of four channels: alpha is 255 where it has none.</summary>
    internal RgbImage Opaque()
    {
        if (Alpha is not null)
            return this;
        var alpha = new byte[Width * Height];
        Array.Fill(alpha, byte.MaxValue);
        return new(Width, Height, Rgb) { Alpha = alpha };
    }

    /// <summary>Writes an image into this one, colours and alpha; every pixel of it becomes a square.</summary>
    /// <param name="image">What.</param>
    /// <param name="corner">Where its top left corner goes; all of it must fit.</param>
    /// <param name="scale">The side of a square.</param>
    /// <exception cref="InvalidOperationException">This image has no alpha.</exception>
    internal void Paste(RgbImage image, (int Left, int Top) corner, int scale)
    {
        var own = Alpha ?? throw new InvalidOperationException("An image without alpha takes none.");
        for (var y = 0; y < image.Height * scale; y++)
            for (var x = 0; x < image.Width * scale; x++)
            {
                var (from, to) = (y / scale * image.Width + x / scale, (corner.Top + y) * Width + corner.Left + x);
                image.Rgb.AsSpan(3 * from, 3).CopyTo(Rgb.AsSpan(3 * to));
                own[to] = image.Alpha?[from] ?? byte.MaxValue;
            }
    }
}
