using System.Buffers.Binary;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using SkiaSharp;

namespace Diffusion.Specs.Data;

public sealed class ImageDecoderSpecs
{
    private static readonly RgbImage Slope =
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
        var image = ImageDecoder.Decode("jpeg", Encoded.AsJpeg(Encoded.Plain(16, 16, 200, 100, 50)));
        byte[] colour = [200, 100, 50];
        Assert.All(image.Rgb.Chunk(3), pixel => Assert.All(pixel.Zip(colour), pair => Assert.InRange(pair.First - pair.Second, -2, 2)));
    }

    // Inks leave of the light what the others and the black leave: red = (1 − cyan)·(1 − black).
    [Theory]
    [InlineData(0, 0, 0, 0, 255, 255, 255)]
    [InlineData(0, 0, 0, 255, 0, 0, 0)]
    [InlineData(55, 155, 205, 0, 200, 100, 50)]
    [InlineData(55, 155, 205, 127, 100, 50, 25)]
    public void Inks_become_light(byte cyan, byte magenta, byte yellow, byte black, int red, int green, int blue)
    {
        var image = ImageDecoder.Decode("inks", Encoded.AsCmykJpeg(cyan, magenta, yellow, black));
        Assert.Equal((8, 8), (image.Width, image.Height));
        int[] expected = [red, green, blue];
        Assert.All(image.Rgb.Chunk(3), pixel => Assert.All(pixel.Zip(expected), pair => Assert.InRange(pair.First - pair.Second, -2, 2)));
    }

    [Fact]
    public void Of_sixteen_bits_the_upper_eight_are_kept()
    {
        var file = Encoded.AsPng(2, 1, 2, [0, 200, 1, 100, 2, 50, 3, 255, 255, 0, 0, 7, 9]);
        // The header of the helper says 8 bits.
        file[24] = 16;
        PngChunksSum(file);
        var rgb = ImageDecoder.Decode("sixteen", file).Rgb;
        Assert.All(rgb.Zip((byte[])[200, 100, 50, 255, 0, 7]), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
    }

    private static void PngChunksSum(byte[] file) => BinaryPrimitives.WriteUInt32BigEndian(
        file.AsSpan(29), System.IO.Hashing.Crc32.HashToUInt32(file.AsSpan(12, 17)));

    [Fact]
    public void Transparency_is_laid_over_white()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(3, 1, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        bitmap.Pixels = [new(10, 20, 30, 255), new(10, 20, 30, 0), new(0, 100, 200, 51)];
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        // 51 of 255 is a fifth.
        Assert.Equal([10, 20, 30, 255, 255, 255, 204, 224, 244], ImageDecoder.Decode("png", png.ToArray()).Rgb);
    }

    // PIL's Image.open(f).convert('RGB') gives these bytes, whatever lies over them.
    [Fact]
    public void As_stored_colours_under_transparency_are_kept()
    {
        byte[] rgb = [10, 20, 30, 40, 50, 60, 0, 100, 200];
        var files = new (string Name, byte[] File)[]
        {
            ("colour and alpha", Encoded.AsPng(3, 1, 6, [0, 10, 20, 30, 255, 40, 50, 60, 0, 0, 100, 200, 51])),
            ("palette", Encoded.AsPng(3, 1, 3, [0, 2, 0, 1], ("PLTE", [40, 50, 60, 0, 100, 200, 10, 20, 30]), ("tRNS", [0, 51, 255]))),
            ("one colour is transparent", Encoded.AsPng(3, 1, 2, [0, .. rgb], ("tRNS", [0, 40, 0, 50, 0, 60]))),
        };
        foreach (var (name, file) in files)
        {
            var stored = ImageDecoder.Decode(name, file, ImageReading.AsStored);
            Assert.Equal((name, true, false), (name, stored.IsTransparent, stored.IsTurned));
            Assert.Equal(rgb, stored.Image.Rgb);
            Assert.NotEqual(rgb, ImageDecoder.Decode(name, file).Rgb);
        }
        var grey = ImageDecoder.Decode("grey and alpha", Encoded.AsPng(3, 1, 4, [0, 7, 255, 8, 0, 9, 51]), ImageReading.AsStored);
        Assert.Equal([7, 7, 7, 8, 8, 8, 9, 9, 9], grey.Image.Rgb);
        Assert.False(ImageDecoder.Decode("opaque", Encoded.AsPng(Slope), ImageReading.AsStored).IsTransparent);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(8)]
    public void A_png_is_turned_as_a_jpeg_is_and_as_stored_neither(byte orientation)
    {
        var (png, jpeg) = (Encoded.AsPngHeld(Slope, orientation), Encoded.AsJpegHeld(Slope, orientation));
        var seen = ImageDecoder.Decode("png", png, ImageReading.AsSeen);
        Assert.Equal(orientation != 1, seen.IsTurned);
        var (turned, flat) = (ImageDecoder.Decode("jpeg", jpeg), ImageDecoder.Decode("jpeg", Encoded.AsJpeg(Slope)));
        Assert.Equal((turned.Width, turned.Height), (seen.Image.Width, seen.Image.Height));
        Assert.Equal(Orders(flat, turned), Orders(Slope, seen.Image));
        Assert.Equal(Slope.Rgb, ImageDecoder.Decode("png", png, ImageReading.AsStored).Image.Rgb);
        Assert.Equal(flat.Rgb, ImageDecoder.Decode("jpeg", jpeg, ImageReading.AsStored).Image.Rgb);
        Assert.Equal(new ImageShape(3, 9, 13), ImageDecoder.ShapeOf("png", png));
    }

    // Where the corners of an image came from.
    private static string Orders(RgbImage stored, RgbImage seen)
    {
        string From(int x, int y) =>
            string.Join('|', new[] { (0, 0), (stored.Width - 1, 0), (0, stored.Height - 1), (stored.Width - 1, stored.Height - 1) }
                .Where(corner => stored.Row(corner.Item2).Slice(3 * corner.Item1, 3).SequenceEqual(seen.Row(y).Slice(3 * x, 3))));
        return $"{From(0, 0)} {From(seen.Width - 1, 0)} {From(0, seen.Height - 1)}";
    }

    [Fact]
    public void A_damaged_note_of_an_orientation_notes_nothing()
    {
        var file = Encoded.AsPngHeld(Slope, 6);
        var at = file.AsSpan().IndexOf("eXIf"u8);
        foreach (var place in Enumerable.Range(at - 4, 4).Concat(Enumerable.Range(at + 4, 26)))
        {
            byte[] damaged = [.. file];
            damaged[place] ^= 0xFF;
            try
            {
                Assert.Equal(Slope.Rgb.Length, ImageDecoder.Decode("png", damaged).Rgb.Length);
            }
            catch (InputException)
            {
                // Damaged beyond the note.
            }
        }
    }

    // Where the pixel seen at (x, y) of an upright image of that width and height lies in the file. Exif 2.32, tag 274.
    [Theory]
    [InlineData(1, "x,y")]
    [InlineData(2, "X,y")]
    [InlineData(3, "X,Y")]
    [InlineData(4, "x,Y")]
    [InlineData(5, "y,x")]
    [InlineData(6, "y,X")]
    [InlineData(7, "Y,X")]
    [InlineData(8, "Y,x")]
    public void A_image_stands_upright_however_the_camera_was_held(byte orientation, string source)
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

    [Fact]
    public void A_large_photograph_is_reduced_as_it_is_read_and_looks_the_same()
    {
        var colours = new byte[800 * 600 * 3];
        for (var at = 0; at < 800 * 600; at++)
            (colours[3 * at], colours[3 * at + 1], colours[3 * at + 2]) =
                ((byte)(at % 800 * 255 / 800), (byte)(at / 800 * 255 / 600), 128);
        var photo = Encoded.AsJpeg(new(800, 600, colours));
        var reduced = ImageDecoder.Decode("photo", photo, 64);
        Assert.Equal((100, 75), (reduced.Width, reduced.Height));
        var half = ImageDecoder.Decode("photo", photo, 300);
        Assert.Equal((400, 300), (half.Width, half.Height));
        Assert.Equal(800, ImageDecoder.Decode("photo", photo, 2000).Width);
        var fit = new ImageFit.CentralCrop(32);
        var (from, whole) = (fit.Apply("a", reduced, new(3, 32, 32)), fit.Apply("b", ImageDecoder.Decode("photo", photo), new(3, 32, 32)));
        Assert.All(from.Rgb.Zip(whole.Rgb), pair => Assert.InRange(pair.First - pair.Second, -2, 2));
        Assert.Equal(64, fit.LeastSide);
        Assert.Null(new ImageFit.Unchanged().LeastSide);
    }

    [Fact]
    public void An_image_that_is_larger_than_asked_for_but_no_jpeg_keeps_its_size() =>
        Assert.Equal(13, ImageDecoder.Decode("png", Encoded.AsPng(Slope), 2).Width);

    [Fact]
    public void Only_so_many_images_are_decoded_at_once_as_there_is_memory_for()
    {
        var room = new DecodingRoom(100);
        var (first, third) = (room.Take(60), (IDisposable?)null);
        using var second = room.Take(40);
        var waiting = new Thread(() => third = room.Take(500));
        waiting.Start();
        Assert.False(waiting.Join(20));
        first.Dispose();
        Assert.False(waiting.Join(20));
        second.Dispose();
        waiting.Join();
        third!.Dispose();
    }

    private static void Refused(byte[] content, string says = "photo.png: found")
    {
        var refusal = Assert.Throws<InputException>(() => ImageDecoder.Decode("photo.png", content));
        Assert.StartsWith("photo.png: found", refusal.Message);
        Assert.Contains(says, refusal.Message);
    }
}
