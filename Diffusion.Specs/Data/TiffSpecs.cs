using System.Buffers.Binary;
using BitMiracle.LibTiff.Classic;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Specs.Data;

public sealed class TiffSpecs
{
    private const int Width = 13;
    private const int Height = 9;

    private static readonly RgbImage Slope = new(Width, Height, [.. Enumerable.Range(0, 3 * Width * Height).Select(at => (byte)(at * 2))]);

    [Theory]
    [InlineData(Compression.NONE, false)]
    [InlineData(Compression.LZW, false)]
    [InlineData(Compression.ADOBE_DEFLATE, false)]
    [InlineData(Compression.PACKBITS, false)]
    [InlineData(Compression.NONE, true)]
    [InlineData(Compression.LZW, true)]
    public void Strips_and_tiles_give_back_their_bytes_however_they_are_compressed(Compression compression, bool isTiled)
    {
        var file = Written(Slope.Rgb, 3, 8, Photometric.RGB, tiff =>
        {
            tiff.SetField(TiffTag.COMPRESSION, compression);
            if (!isTiled)
                return;
            tiff.SetField(TiffTag.TILEWIDTH, 16);
            tiff.SetField(TiffTag.TILELENGTH, 16);
        });
        Assert.Equal(Slope.Rgb, ImageDecoder.Decode("tiff", file).Rgb);
        Assert.Equal(new ImageShape(3, Height, Width), ImageDecoder.ShapeOf("tiff", file));
    }

    [Fact]
    public void Grey_sixteen_bits_palettes_and_a_predictor_become_the_colours_they_stand_for()
    {
        byte[] grey = [.. Enumerable.Range(0, Width * Height).Select(at => (byte)(2 * at))];
        byte[] thrice = [.. grey.SelectMany(value => new[] { value, value, value })];
        Assert.Equal(thrice, ImageDecoder.Decode("grey", Written(grey, 1, 8, Photometric.MINISBLACK)).Rgb);
        Assert.Equal([.. thrice.Select(value => (byte)(255 - value))],
            ImageDecoder.Decode("inverted", Written(grey, 1, 8, Photometric.MINISWHITE)).Rgb);
        byte[] Wide(byte[] bytes) => [.. bytes.SelectMany(value => new[] { value, value })];
        Assert.Equal(thrice, ImageDecoder.Decode("grey of 16 bits", Written(Wide(grey), 1, 16, Photometric.MINISBLACK)).Rgb);
        Assert.Equal(Slope.Rgb, ImageDecoder.Decode("16 bits", Written(Wide(Slope.Rgb), 3, 16, Photometric.RGB)).Rgb);
        ushort[] Map(Func<int, int> channel) => [.. Enumerable.Range(0, 256).Select(index => (ushort)(257 * channel(index)))];
        var palette = Written(grey, 1, 8, Photometric.PALETTE,
            tiff => tiff.SetField(TiffTag.COLORMAP, Map(index => index), Map(index => 255 - index), Map(_ => 7)));
        Assert.Equal([.. grey.SelectMany(value => new byte[] { value, (byte)(255 - value), 7 })], ImageDecoder.Decode("map", palette).Rgb);
        var predicted = Written(Slope.Rgb, 3, 8, Photometric.RGB, tiff =>
        {
            tiff.SetField(TiffTag.COMPRESSION, Compression.LZW);
            tiff.SetField(TiffTag.PREDICTOR, Predictor.HORIZONTAL);
        });
        Assert.Equal(Slope.Rgb, ImageDecoder.Decode("predicted", predicted).Rgb);
    }

    [Fact]
    public void Transparency_is_laid_over_the_background()
    {
        // 51 of 255 is a fifth.
        byte[] pixel = [0, 100, 200, 51];
        var file = Written([.. Enumerable.Repeat(pixel, Width * Height).SelectMany(bytes => bytes)], 4, 8, Photometric.RGB,
            tiff => tiff.SetField(TiffTag.EXTRASAMPLES, 1, new[] { (short)ExtraSample.UNASSALPHA }));
        var white = ImageDecoder.Decode("tiff", file, ImageReading.AsSeen);
        Assert.True(white.IsTransparent);
        Assert.Equal([204, 224, 244], white.Image.Rgb[..3]);
        Assert.Equal([0, 20, 40], ImageDecoder.Decode("tiff", file, ImageReading.AsSeen, background: default(PixelColour)).Image.Rgb[..3]);
        Assert.Equal([0, 100, 200], ImageDecoder.Decode("tiff", file, ImageReading.AsStored).Image.Rgb[..3]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void It_is_turned_as_a_png_is_and_as_stored_not(byte orientation)
    {
        var file = Written(Slope.Rgb, 3, 8, Photometric.RGB, tiff => tiff.SetField(TiffTag.ORIENTATION, (Orientation)orientation));
        var (seen, png) = (ImageDecoder.Decode("tiff", file, ImageReading.AsSeen),
            ImageDecoder.Decode("png", Encoded.AsPngHeld(Slope, orientation), ImageReading.AsSeen));
        Assert.Equal((png.IsTurned, png.Image.Width, png.Image.Height), (seen.IsTurned, seen.Image.Width, seen.Image.Height));
        Assert.Equal(png.Image.Rgb, seen.Image.Rgb);
        Assert.Equal(Slope.Rgb, ImageDecoder.Decode("tiff", file, ImageReading.AsStored).Image.Rgb);
    }

    [Fact]
    public void What_is_cut_off_or_lies_about_its_size_is_refused_before_memory_is_taken()
    {
        var whole = Written(Slope.Rgb, 3, 8, Photometric.RGB);
        for (var length = 0; length < whole.Length; length += 7)
            Refused(whole[..length], "found");
        Refused(With(whole, TiffTag.IMAGEWIDTH, 1_000), "a damaged image");
        Refused(With(whole, TiffTag.IMAGEWIDTH, 1_000_000), "more pixels than its bytes can hold");
        Refused(With(whole, TiffTag.IMAGEWIDTH, 100_000_000, TiffTag.COMPRESSION, 4), "an image of 100000000×9 pixels");
        Refused(With(whole, TiffTag.IMAGELENGTH, 60_000_000), "fewer strips");
        Refused(With(whole, TiffTag.BITSPERSAMPLE, 32, TiffTag.SAMPLESPERPIXEL, 200), "200 channels");
        Refused(With(whole, TiffTag.ROWSPERSTRIP, 9, TiffTag.STRIPBYTECOUNTS, int.MaxValue), "a strip that is longer than the file");
        // BigTIFF.
        Refused([.. "II+\0"u8, 8, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0], "no image that can be decoded");
    }

    [Fact]
    public void A_folder_of_such_files_is_read_like_any_other()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.tif"], Written(Slope.Rgb, 3, 8, Photometric.RGB));
        File.WriteAllBytes(folder["b.TIFF"], Written(Slope.Rgb, 3, 8, Photometric.RGB));
        using var set = Assert.IsType<ImageSet>(ImageFolder.Open(folder.Path, new(Split.Train, new ImageFit.Unchanged())));
        Assert.Equal([2, 3, Height, Width], set.Images.shape);
    }

    /// <summary>A TIFF file.</summary>
    internal static byte[] Written(byte[] samples, int channels, int bits, Photometric photometric, Action<Tiff>? more = null)
    {
        using var stream = new MemoryStream();
        using (var tiff = Tiff.ClientOpen("spec", "wl", stream, new TiffStream()))
        {
            tiff.SetField(TiffTag.IMAGEWIDTH, Width);
            tiff.SetField(TiffTag.IMAGELENGTH, Height);
            tiff.SetField(TiffTag.BITSPERSAMPLE, bits);
            tiff.SetField(TiffTag.SAMPLESPERPIXEL, channels);
            tiff.SetField(TiffTag.PHOTOMETRIC, photometric);
            tiff.SetField(TiffTag.PLANARCONFIG, PlanarConfig.CONTIG);
            more?.Invoke(tiff);
            var row = Width * channels * bits / 8;
            if (tiff.IsTiled())
            {
                var tile = new byte[16 * 16 * channels * bits / 8];
                for (var y = 0; y < Height; y++)
                    samples.AsSpan(y * row, row).CopyTo(tile.AsSpan(y * 16 * channels * bits / 8));
                tiff.WriteEncodedTile(0, tile, tile.Length);
            }
            else
            {
                tiff.SetField(TiffTag.ROWSPERSTRIP, 4);
                for (var y = 0; y < Height; y++)
                    tiff.WriteScanline(samples[(y * row)..((y + 1) * row)], y);
            }
        }
        return stream.ToArray();
    }

    // The same file with other numbers in fields of its directory.
    private static byte[] With(byte[] file, params object[] fields)
    {
        byte[] changed = [.. file];
        var directory = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4));
        for (var index = 0; index < BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(directory)); index++)
            for (var field = 0; field < fields.Length; field += 2)
                if (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(directory + 2 + 12 * index)) == (ushort)(TiffTag)fields[field])
                {
                    // One long number.
                    BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(directory + 4 + 12 * index), 4);
                    BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(directory + 6 + 12 * index), 1);
                    BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(directory + 10 + 12 * index), (int)fields[field + 1]);
                }
        return changed;
    }

    private static void Refused(byte[] content, string says)
    {
        var refusal = Assert.Throws<InputException>(() => ImageDecoder.Decode("scan.tif", content));
        Assert.StartsWith("scan.tif: found", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }
}
