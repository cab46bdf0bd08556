using System.Buffers.Binary;
using System.IO.Compression;
using Diffusion.Model.Images;
using SkiaSharp;

namespace Diffusion.Specs.Data;

/// <summary>Image files to read, made here.</summary>
internal static class Encoded
{
    /// <summary>An image of one colour.</summary>
    public static RgbImage Plain(int width, int height, byte red, byte green, byte blue) =>
        new(width, height, [.. Enumerable.Range(0, width * height).SelectMany(_ => new[] { red, green, blue })]);

    public static byte[] AsPng(RgbImage image)
    {
        using var stream = new MemoryStream();
        Png.Write(stream, image, []);
        return stream.ToArray();
    }

    /// <summary>A PNG of 8 bits from its rows as they are filtered, with chunks before them.</summary>
    public static byte[] AsPng(int width, int height, byte colourType, byte[] rows, params (string Type, byte[] Data)[] chunks)
    {
        using var png = new MemoryStream();
        png.Write([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, colourType);
        PngChunks.Write(png, "IHDR", header);
        foreach (var (type, data) in chunks)
            PngChunks.Write(png, type, data);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(rows);
        PngChunks.Write(png, "IDAT", packed.ToArray());
        PngChunks.Write(png, "IEND", []);
        return png.ToArray();
    }

    /// <summary>A PNG whose chunk eXIf notes how the camera was held, 1 to 8.</summary>
    public static byte[] AsPngHeld(RgbImage image, byte orientation) => AsPng(image.Width, image.Height, 2,
        [.. Enumerable.Range(0, image.Height).SelectMany(y => image.Row(y).ToArray().Prepend((byte)0))],
        ("eXIf", [.. "II"u8, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]));

    public static byte[] AsJpeg(RgbImage image) => AsSkia(image, SKEncodedImageFormat.Jpeg, 100);

    /// <summary>A JPEG of 8×8 pixels of one colour in CMYK, inverted as Adobe's programs write it.</summary>
    public static byte[] AsCmykJpeg(byte cyan, byte magenta, byte yellow, byte black)
    {
        // Categories 0 to 11 of the constant part have codes of four bits; the only other symbol, the end of a block, has the code 0.
        byte[] Segment(byte marker, params byte[] data) => [0xFF, marker, (byte)((data.Length + 2) >> 8), (byte)(data.Length + 2), .. data];
        byte[] components = [1, 2, 3, 4];
        var bits = string.Concat(new[] { cyan, magenta, yellow, black }.Select(value =>
        {
            var constant = 8 * (255 - value - 128);
            var category = constant == 0 ? 0 : 1 + (int)Log2(Abs(constant));
            var digits = category == 0 ? "" : Convert.ToString(constant > 0 ? constant : constant + (1 << category) - 1, 2)
                .PadLeft(category, '0');
            return $"{Convert.ToString(category, 2).PadLeft(4, '0')}{digits}0";
        }));
        bits = bits.PadRight((bits.Length + 7) / 8 * 8, '1');
        var data = bits.Chunk(8).Select(octet => Convert.ToByte(new string(octet), 2))
            .SelectMany(value => value == 0xFF ? new byte[] { 0xFF, 0 } : [value]);
        return
        [
            0xFF, 0xD8, .. Segment(0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0]), .. Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]),
            .. Segment(0xC0, [8, 0, 8, 0, 8, 4, .. components.SelectMany(number => new byte[] { number, 0x11, 0 })]),
            .. Segment(0xC4, [0, 0, 0, 0, 12, .. new byte[12], .. Enumerable.Range(0, 12).Select(category => (byte)category)]),
            .. Segment(0xC4, [0x10, 1, .. new byte[15], 0]),
            .. Segment(0xDA, [4, .. components.SelectMany(number => new byte[] { number, 0 }), 0, 63, 0]), .. data, 0xFF, 0xD9,
        ];
    }

    public static byte[] AsLosslessWebp(RgbImage image)
    {
        using var bitmap = Bitmap(image);
        using var pixels = bitmap.PeekPixels();
        using var data = pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 50));
        return data!.ToArray();
    }

    /// <summary>24 bits, bottom row first, rows padded to four bytes.</summary>
    public static byte[] AsBmp(RgbImage image)
    {
        var stride = (image.Width * 3 + 3) / 4 * 4;
        var file = new byte[54 + stride * image.Height];
        "BM"u8.CopyTo(file);
        int[] fields = [file.Length, 0, 54, 40, image.Width, image.Height, 1 | 24 << 16];
        foreach (var (index, field) in fields.Index())
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2 + 4 * index), field);
        for (var y = 0; y < image.Height; y++)
            for (var x = 0; x < image.Width; x++)
                for (var channel = 0; channel < 3; channel++)
                    file[54 + (image.Height - 1 - y) * stride + 3 * x + channel] = image.Row(y)[3 * x + 2 - channel];
        return file;
    }

    /// <summary>A JPEG whose Exif segment notes how the camera was held, 1 to 8.</summary>
    public static byte[] AsJpegHeld(RgbImage image, byte orientation)
    {
        var jpeg = AsJpeg(image);
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM"u8, 0, 42, 0, 0, 0, 8,
            // One entry: tag 0x0112, one 16-bit number.
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
        ];
        return [.. jpeg[..2], .. exif, .. jpeg[2..]];
    }

    internal static byte[] AsSkia(RgbImage image, SKEncodedImageFormat format, int quality)
    {
        using var bitmap = Bitmap(image);
        using var data = bitmap.Encode(format, quality);
        return data.ToArray();
    }

    private static SKBitmap Bitmap(RgbImage image)
    {
        var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var y = 0; y < image.Height; y++)
            for (var x = 0; x < image.Width; x++)
                bitmap.SetPixel(x, y, new(image.Row(y)[3 * x], image.Row(y)[3 * x + 1], image.Row(y)[3 * x + 2]));
        return bitmap;
    }
}
