using System.Buffers.Binary;
using Diffusion.Host.Images;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using SkiaSharp;

namespace Diffusion.Specs.Data;

public sealed class ImageDecoderSpecs
{
    private static readonly Picture Slope =
        new(13, 9, [.. Enumerable.Range(0, 3 * 13 * 9).Select(at => (byte)(at * 2))]);

    [Fact]
    public void Lossless_files_give_back_their_bytes()
    {
        Assert.Equal(Slope.Rgb, ImageDecoder.Decode("png", Encoded.AsPng(Slope)).Rgb);
        Assert.Equal(Slope.Rgb, ImageDecoder.Decode("webp", Encoded.AsLosslessWebp(Slope)).Rgb);
        Assert.Equal(Slope.Rgb, ImageDecoder.Decode("bmp", Encoded.AsBmp(Slope)).Rgb);
    }

    [Fact]
    public void A_jpeg_of_one_colour_has_about_that_colour()
    {
        var picture = ImageDecoder.Decode("jpeg", Encoded.AsJpeg(Encoded.Plain(16, 16, 200, 100, 50)));
        byte[] colour = [200, 100, 50];
        Assert.All(picture.Rgb.Chunk(3), pixel => Assert.All(pixel.Zip(colour), pair => Assert.InRange(pair.First - pair.Second, -2, 2)));
    }

    [Fact]
    public void Transparency_is_laid_over_white()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(3, 1, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        bitmap.Pixels = [new(10, 20, 30, 255), new(10, 20, 30, 0), new(0, 100, 200, 51)];
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        // 51 of 255 is a fifth.
        Assert.Equal([10, 20, 30, 255, 255, 255, 204, 224, 244], ImageDecoder.Decode("png", png.ToArray()).Rgb);
    }

    // Where the pixel seen at (x, y) of an upright picture of that width and height lies in the file. Exif 2.32, tag 274.
    [Theory]
    [InlineData(1, "x,y")]
    [InlineData(2, "X,y")]
    [InlineData(3, "X,Y")]
    [InlineData(4, "x,Y")]
    [InlineData(5, "y,x")]
    [InlineData(6, "y,X")]
    [InlineData(7, "Y,X")]
    [InlineData(8, "Y,x")]
    public void A_picture_stands_upright_however_the_camera_was_held(byte orientation, string source)
    {
        var stored = ImageDecoder.Decode("stored", Encoded.AsJpegHeld(Slope, 1));
        var seen = ImageDecoder.Decode("seen", Encoded.AsJpegHeld(Slope, orientation));
        Assert.Equal(orientation < 5 ? (13, 9) : (9, 13), (seen.Width, seen.Height));
        for (var y = 0; y < seen.Height; y++)
            for (var x = 0; x < seen.Width; x++)
            {
                int Coordinate(char name) => name switch { 'x' => x, 'X' => seen.Width - 1 - x, 'y' => y, _ => seen.Height - 1 - y };
                var (fromX, fromY) = (Coordinate(source[0]), Coordinate(source[2]));
                Assert.Equal(stored.Row(fromY).Slice(3 * fromX, 3).ToArray(), seen.Row(y).Slice(3 * x, 3).ToArray());
            }
    }

    [Fact]
    public void What_is_no_image_or_only_a_part_of_one_is_refused_by_name()
    {
        Refused([], "no image");
        Refused("hello, world"u8.ToArray(), "no image");
        foreach (var whole in new[] { Encoded.AsPng(Slope), Encoded.AsLosslessWebp(Slope), Encoded.AsBmp(Slope), Encoded.AsJpeg(Slope) })
            Refused(whole[..(whole.Length * 2 / 3)]);
    }

    [Fact]
    public void A_small_file_that_claims_to_be_huge_is_refused_before_memory_is_taken()
    {
        using var png = new MemoryStream();
        png.Write([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A]);
        var header = new byte[] { 0, 1, 0x86, 0xA0, 0, 1, 0x86, 0xA0, 8, 2, 0, 0, 0 };
        PngChunks.Write(png, "IHDR", header);
        PngChunks.Write(png, "IDAT", [0x78, 0x9C, 3, 0, 0, 0, 0, 1]);
        PngChunks.Write(png, "IEND", []);
        Assert.Equal(100_000, BinaryPrimitives.ReadInt32BigEndian(header));
        Refused(png.ToArray(), "100000×100000 pixels");
    }

    private static void Refused(byte[] content, string says = "photo.png: found")
    {
        var refusal = Assert.Throws<InputException>(() => ImageDecoder.Decode("photo.png", content));
        Assert.StartsWith("photo.png: found", refusal.Message);
        Assert.Contains(says, refusal.Message);
    }
}
