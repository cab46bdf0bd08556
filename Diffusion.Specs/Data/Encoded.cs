using System.Buffers.Binary;
using Diffusion.Host.Images;
using Diffusion.Model.Images;
using SkiaSharp;

namespace Diffusion.Specs.Data;

/// <summary>Image files to read, made here.</summary>
internal static class Encoded
{
    /// <summary>A picture of one colour.</summary>
    public static Picture Plain(int width, int height, byte red, byte green, byte blue) =>
        new(width, height, [.. Enumerable.Range(0, width * height).SelectMany(_ => new[] { red, green, blue })]);

    public static byte[] AsPng(Picture picture)
    {
        using var stream = new MemoryStream();
        Png.Write(stream, picture, []);
        return stream.ToArray();
    }

    public static byte[] AsJpeg(Picture picture) => AsSkia(picture, SKEncodedImageFormat.Jpeg, 100);

    public static byte[] AsLosslessWebp(Picture picture)
    {
        using var bitmap = Bitmap(picture);
        using var pixels = bitmap.PeekPixels();
        using var data = pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 50));
        return data!.ToArray();
    }

    /// <summary>24 bits, bottom row first, rows padded to four bytes.</summary>
    public static byte[] AsBmp(Picture picture)
    {
        var stride = (picture.Width * 3 + 3) / 4 * 4;
        var file = new byte[54 + stride * picture.Height];
        "BM"u8.CopyTo(file);
        int[] fields = [file.Length, 0, 54, 40, picture.Width, picture.Height, 1 | 24 << 16];
        foreach (var (index, field) in fields.Index())
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2 + 4 * index), field);
        for (var y = 0; y < picture.Height; y++)
            for (var x = 0; x < picture.Width; x++)
                for (var channel = 0; channel < 3; channel++)
                    file[54 + (picture.Height - 1 - y) * stride + 3 * x + channel] = picture.Row(y)[3 * x + 2 - channel];
        return file;
    }

    /// <summary>A JPEG whose Exif segment notes how the camera was held, 1 to 8.</summary>
    public static byte[] AsJpegHeld(Picture picture, byte orientation)
    {
        var jpeg = AsJpeg(picture);
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM"u8, 0, 42, 0, 0, 0, 8,
            // One entry: tag 0x0112, one 16-bit number.
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
        ];
        return [.. jpeg[..2], .. exif, .. jpeg[2..]];
    }

    internal static byte[] AsSkia(Picture picture, SKEncodedImageFormat format, int quality)
    {
        using var bitmap = Bitmap(picture);
        using var data = bitmap.Encode(format, quality);
        return data.ToArray();
    }

    private static SKBitmap Bitmap(Picture picture)
    {
        var bitmap = new SKBitmap(new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var y = 0; y < picture.Height; y++)
            for (var x = 0; x < picture.Width; x++)
                bitmap.SetPixel(x, y, new(picture.Row(y)[3 * x], picture.Row(y)[3 * x + 1], picture.Row(y)[3 * x + 2]));
        return bitmap;
    }
}
