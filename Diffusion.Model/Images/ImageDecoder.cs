using Diffusion.Model.Files;
using SkiaSharp;

namespace Diffusion.Model.Images;

/// <summary>
/// Turns the content of an image file (PNG, JPEG, WebP, BMP, GIF, TIFF) into an image, as a person would see it or as the file stores it.
/// </summary>
/// <remarks>Colour profiles are ignored: bytes stay as encoded.</remarks>
public static class ImageDecoder
{
    // 8192×8192. A file of a few kilobytes can claim more than any memory holds.
    private const long MostPixels = 1 << 26;

    // What all steps of decoding together take for one pixel.
    private const long BytesPerPixel = 15;
    private const long BytesPerTiffPixel = 29;

    /// <summary>Decodes a whole file, as a person would see it.</summary>
    /// <param name="place">The file's name, for messages.</param>
    /// <param name="content">All its bytes.</param>
    /// <exception cref="InputException">It is no such image, is damaged or cut short, or is larger than 8192×8192 pixels.</exception>
    public static RgbImage Decode(string place, ReadOnlySpan<byte> content) => Decode(place, content, null);

    /// <summary>
    /// Decodes a whole file, as a person would see it, reduced as it is read where its format can do that: a large photograph then takes
    /// little time and memory.
    /// </summary>
    /// <param name="place">The file's name, for messages.</param>
    /// <param name="content">All its bytes.</param>
    /// <param name="leastSide">The shorter side becomes no shorter than this; null for the image's own size.</param>
    /// <exception cref="InputException">It is no such image, is damaged or cut short, or is larger than 8192×8192 pixels.</exception>
    public static RgbImage Decode(string place, ReadOnlySpan<byte> content, int? leastSide) =>
        Decode(place, content, ImageReading.AsSeen, leastSide).Image;

    /// <summary>Decodes a whole file.</summary>
    /// <param name="place">The file's name, for messages.</param>
    /// <param name="content">All its bytes.</param>
    /// <param name="reading">What becomes of transparency and of a noted orientation.</param>
    /// <param name="leastSide">The shorter side becomes no shorter than this, where the format can be reduced as it is read; null for the
    /// image's own size.</param>
    /// <param name="background">What transparency is laid over; null for white.</param>
    /// <exception cref="InputException">It is no such image, is damaged or cut short, or is larger than 8192×8192 pixels.</exception>
    public static DecodedImage Decode(
        string place, ReadOnlySpan<byte> content, ImageReading reading, int? leastSide = null, PixelColour? background = null)
    {
        var under = reading == ImageReading.AsSeen ? background ?? PixelColour.White : (PixelColour?)null;
        if (TiffDirectory.Begins(content))
            return Tiff(place, content, reading, under);
        using var data = SKData.CreateCopy(content);
        using var codec = Open(place, data);
        var (width, height) = leastSide is { } side ? Reduced(codec, side) : (codec.Info.Width, codec.Info.Height);
        using var room = DecodingRoom.Shared.Take(BytesPerPixel * width * height);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        var result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
            throw new InputException(place, $"a damaged image ({result})", "one that can be decoded to its end");
        var origin = codec.EncodedOrigin != SKEncodedOrigin.TopLeft ? codec.EncodedOrigin : PngOrientation.Of(content);
        return Decoded(bitmap.GetPixelSpan(), width, origin, reading, under);
    }

    /// <summary>The shape of an image as the file stores it, from its first bytes: no pixel is decoded.</summary>
    /// <param name="place">The file's name, for messages.</param>
    /// <param name="content">All its bytes.</param>
    /// <exception cref="InputException">It is no such image, or is larger than 8192×8192 pixels.</exception>
    public static ImageShape ShapeOf(string place, ReadOnlySpan<byte> content)
    {
        if (TiffDirectory.Begins(content))
            return Described(place, content) is var tiff ? new(3, tiff.Height, tiff.Width) : default;
        using var data = SKData.CreateCopy(content);
        using var codec = Open(place, data);
        return new(3, codec.Info.Height, codec.Info.Width);
    }

    private static DecodedImage Tiff(string place, ReadOnlySpan<byte> content, ImageReading reading, PixelColour? under)
    {
        var directory = Described(place, content);
        using var room = DecodingRoom.Shared.Take(BytesPerTiffPixel * directory.Width * directory.Height + content.Length);
        var pixels = TiffPixels.Read(place, content.ToArray(), directory);
        return Decoded(pixels, directory.Width, (SKEncodedOrigin)directory.Orientation, reading, under);
    }

    private static TiffDirectory Described(string place, ReadOnlySpan<byte> content)
    {
        var directory = TiffDirectory.Read(place, content);
        RefuseLarge(place, directory.Width, directory.Height);
        return directory;
    }

    private static void RefuseLarge(string place, int width, int height)
    {
        if ((long)width * height > MostPixels)
            throw new InputException(place, $"an image of {width}×{height} pixels", $"at most {MostPixels} pixels");
    }

    private static SKCodec Open(string place, SKData data)
    {
        var codec = SKCodec.Create(data)
            ?? throw new InputException(place, "no image that can be decoded", "PNG, JPEG, WebP, BMP, GIF or TIFF");
        try
        {
            RefuseLarge(place, codec.Info.Width, codec.Info.Height);
            return codec;
        }
        catch
        {
            codec.Dispose();
            throw;
        }
    }

    // JPEG is made of blocks of 8×8 pixels, which can be decoded as 1, 2, …, 7 pixels; the other formats know no smaller size.
    private static (int Width, int Height) Reduced(SKCodec codec, int leastSide)
    {
        for (var eighths = 1; eighths < 8; eighths++)
            if (codec.GetScaledDimensions(eighths / 8f) is var size && Min(size.Width, size.Height) >= leastSide)
                return (size.Width, size.Height);
        return (codec.Info.Width, codec.Info.Height);
    }

    // Without a colour under it, and without alpha, an image stays as the file stores it.
    private static DecodedImage Decoded(
        ReadOnlySpan<byte> rgba, int width, SKEncodedOrigin origin, ImageReading reading, PixelColour? under)
    {
        var rgb = new byte[rgba.Length / 4 * 3];
        var alpha = reading == ImageReading.WithAlpha ? new byte[rgba.Length / 4] : null;
        var isTransparent = false;
        alpha?.AsSpan().Fill(byte.MaxValue);
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
        {
            (rgb[to], rgb[to + 1], rgb[to + 2]) = (rgba[from], rgba[from + 1], rgba[from + 2]);
            // Most pixels are opaque, of most images all.
            if (rgba[from + 3] is var opacity && opacity == byte.MaxValue)
                continue;
            isTransparent = true;
            for (var channel = 0; under is { } colour && channel < 3; channel++)
                rgb[to + channel] = colour.Under(rgba[from + channel], channel, opacity);
            if (alpha is not null && (alpha[from / 4] = opacity) == 0)
                rgb.AsSpan(to, 3).Clear();
        }
        var image = new RgbImage(width, rgba.Length / 4 / width, rgb) { Alpha = alpha };
        return new(reading == ImageReading.AsStored ? image : Upright(image, origin), isTransparent, origin != SKEncodedOrigin.TopLeft);
    }

    private static RgbImage Upright(RgbImage image, SKEncodedOrigin origin)
    {
        if (origin == SKEncodedOrigin.TopLeft)
            return image;
        var (lastX, lastY) = (image.Width - 1, image.Height - 1);
        var turned = origin >= SKEncodedOrigin.LeftTop;
        var (width, height) = turned ? (image.Height, image.Width) : (image.Width, image.Height);
        var rgb = new byte[image.Rgb.Length];
        var alpha = image.Alpha is null ? null : new byte[image.Alpha.Length];
        for (int y = 0, to = 0; y < height; y++)
            for (var x = 0; x < width; x++, to++)
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
                image.Row(fromY).Slice(3 * fromX, 3).CopyTo(rgb.AsSpan(3 * to));
                if (alpha is not null)
                    alpha[to] = image.Alpha![fromY * image.Width + fromX];
            }
        return new(width, height, rgb) { Alpha = alpha };
    }
}

/// <summary>What becomes of transparency, and of the orientation that a camera notes.</summary>
public enum ImageReading
{
    /// <summary>As a person sees it: transparency is laid over a colour, the image is turned upright.</summary>
    AsSeen,

    /// <summary>
    /// As the file stores it, and as PIL's <c>Image.open(f).convert('RGB')</c> gives it: transparency is dropped, colours under it are
    /// kept, nothing is turned.
    /// </summary>
    AsStored,

    /// <summary>
    /// As a person sees it, with its transparency: turned upright, and alpha kept. Where alpha is 0 the colour is black: what files hold
    /// there is not seen, is left to chance, and a model would have to learn it.
    /// </summary>
    WithAlpha,
}

/// <summary>A decoded image, and what a reading of it decides about.</summary>
/// <param name="Image">Its pixels.</param>
/// <param name="IsTransparent">Whether some pixel is not opaque.</param>
/// <param name="IsTurned">Whether the file notes another orientation than the one it stores.</param>
public sealed record DecodedImage(RgbImage Image, bool IsTransparent, bool IsTurned);
