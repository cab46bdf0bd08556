using Diffusion.Model.Files;
using SkiaSharp;

namespace Diffusion.Model.Images;

/// <summary>Turns the content of an image file (PNG, JPEG, WebP, BMP) into a picture, as a person would see it.</summary>
/// <remarks>
/// The orientation that a camera notes is followed, transparency is laid over white, colour profiles are ignored: bytes stay as encoded.
/// </remarks>
public static class ImageDecoder
{
    // 8192×8192. A file of a few kilobytes can claim more than any memory holds.
    private const long MostPixels = 1 << 26;

    /// <summary>Decodes a whole file.</summary>
    /// <param name="place">The file's name, for messages.</param>
    /// <param name="content">All its bytes.</param>
    /// <exception cref="InputException">It is no such image, is damaged or cut short, or is larger than 8192×8192 pixels.</exception>
    public static Picture Decode(string place, ReadOnlySpan<byte> content)
    {
        using var data = SKData.CreateCopy(content);
        using var codec = SKCodec.Create(data) ?? throw new InputException(place, "no image that can be decoded", "PNG, JPEG, WebP or BMP");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MostPixels)
            throw new InputException(place, $"an image of {width}×{height} pixels", $"at most {MostPixels} pixels");
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        var result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
            throw new InputException(place, $"a damaged image ({result})", "one that can be decoded to its end");
        return Upright(Opaque(bitmap), codec.EncodedOrigin);
    }

    private static Picture Opaque(SKBitmap bitmap)
    {
        var rgba = bitmap.GetPixelSpan();
        var rgb = new byte[rgba.Length / 4 * 3];
        for (int from = 0, to = 0; from < rgba.Length; from += 4)
            for (var channel = 0; channel < 3; channel++)
                rgb[to++] = OverWhite(rgba[from + channel], rgba[from + 3]);
        return new(bitmap.Width, bitmap.Height, rgb);
    }

    private static byte OverWhite(byte value, byte opacity) =>
        opacity == 255 ? value : (byte)((value * opacity + 255 * (255 - opacity) + 127) / 255);

    private static Picture Upright(Picture picture, SKEncodedOrigin origin)
    {
        if (origin == SKEncodedOrigin.TopLeft)
            return picture;
        var (lastX, lastY) = (picture.Width - 1, picture.Height - 1);
        var turned = origin >= SKEncodedOrigin.LeftTop;
        var (width, height) = turned ? (picture.Height, picture.Width) : (picture.Width, picture.Height);
        var rgb = new byte[picture.Rgb.Length];
        for (int y = 0, to = 0; y < height; y++)
            for (var x = 0; x < width; x++, to += 3)
            {
                // The origin names the side where the first row is seen, then that of the first column.
                var (fromX, fromY) = origin switch
                {
                    SKEncodedOrigin.TopRight => (lastX - x, y),
                    SKEncodedOrigin.BottomRight => (lastX - x, lastY - y),
                    SKEncodedOrigin.BottomLeft => (x, lastY - y),
                    SKEncodedOrigin.LeftTop => (y, x),
                    SKEncodedOrigin.RightTop => (y, lastY - x),
                    SKEncodedOrigin.RightBottom => (lastX - y, lastY - x),
                    _ => (lastX - y, x),
                };
                picture.Row(fromY).Slice(3 * fromX, 3).CopyTo(rgb.AsSpan(to));
            }
        return new(width, height, rgb);
    }
}
