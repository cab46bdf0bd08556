using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Data;

/// <summary>Alpha as a fourth channel: from files to planes, from planes to files, and before features.</summary>
public sealed class AlphaSpecs : IDisposable
{
    private const int Side = 6;

    private static readonly ImageLoading WithAlpha = new(Split.Train, new ImageFit.Unchanged()) { Channels = ImageChannels.ColourAndAlpha };

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TemporaryFolder _place = new();

    private string Icons => Path.Combine(_place.Path, "icons");

    public void Dispose()
    {
        _place.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Colours_are_kept_as_stored_but_where_nothing_is_seen_they_are_black()
    {
        var file = Encoded.AsPng(3, 1, 6, [0, 10, 20, 30, 255, 40, 50, 60, 0, 0, 100, 200, 51]);
        var (image, isTransparent, _) = ImageDecoder.Decode("icon", file, ImageReading.WithAlpha);
        Assert.True(isTransparent);
        Assert.Equal([10, 20, 30, 0, 0, 0, 0, 100, 200], image.Rgb);
        Assert.Equal([255, 0, 51], image.Alpha!);
        Assert.Equal(ImageDecoder.Decode("icon", file).Rgb, image.Over(PixelColour.White).Rgb);
        var opaque = ImageDecoder.Decode("opaque", Encoded.AsPng(Encoded.Plain(2, 1, 1, 2, 3)), ImageReading.WithAlpha);
        Assert.Equal([255, 255], opaque.Image.Alpha!);
    }

    [Fact]
    public void What_is_turned_and_cropped_takes_its_alpha_along()
    {
        byte[] note = [.. "II"u8, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
        var file = Encoded.AsPng(2, 2, 6, [0, 1, 1, 1, 10, 2, 2, 2, 20, 0, 3, 3, 3, 30, 4, 4, 4, 40], ("eXIf", note));
        var turned = ImageDecoder.Decode("held", file, ImageReading.WithAlpha).Image;
        Assert.Equal([3, 1, 4, 2], turned.Rgb.Where((_, at) => at % 3 == 0));
        Assert.Equal([30, 10, 40, 20], turned.Alpha!);
        Assert.Equal([20], turned.Crop(1, 1, 1, 1).Alpha!);
        var planes = new byte[8];
        turned.CopyPlanes(0, 0, new(4, 1, 2), planes);
        Assert.Equal([3, 1, 3, 1, 3, 1, 30, 10], planes);
        Encoded.Plain(2, 1, 1, 2, 3).CopyPlanes(0, 0, new(4, 1, 2), planes);
        Assert.Equal([1, 1, 2, 2, 3, 3, 255, 255], planes);
    }

    // A red disc on nothing, that something green is stored in: no green may come out of it.
    [Theory]
    [InlineData(16)]
    [InlineData(100)]
    public void A_new_size_mixes_no_colour_in_that_was_not_seen(int side)
    {
        var disc = Enumerable.Range(0, 40 * 40).Select(at => Pow(at % 40 - 19.5, 2) + Pow(at / 40 - 19.5, 2) < 200).ToArray();
        var image = new RgbImage(40, 40, [.. disc.SelectMany(isIn => isIn ? new byte[] { 200, 0, 30 } : [0, 255, 0])])
        {
            Alpha = [.. disc.Select(isIn => isIn ? byte.MaxValue : (byte)0)],
        };
        var scaled = new ImageFit.CentralCrop(side).Apply("disc", image, new(3, side, side));
        Assert.Contains(scaled.Alpha!, alpha => alpha is > 0 and < 255);
        foreach (var (pixel, alpha) in scaled.Rgb.Chunk(3).Zip(scaled.Alpha!).Where(item => item.Second is 0 or > 8))
            Assert.Equal(alpha == 0 ? [0, 0, 0] : [200, 0, 30], pixel);
        // An opaque image comes out as one without alpha does.
        var opaque = new ImageFit.CentralCrop(side).Apply("opaque", image with { Alpha = [.. disc.Select(_ => byte.MaxValue)] }, default);
        Assert.All(opaque.Alpha!, alpha => Assert.Equal(255, alpha));
        Assert.Equal(new ImageFit.CentralCrop(side).Apply("plain", image with { Alpha = null }, default).Rgb, opaque.Rgb);
    }

    [Property(MaxTest = 30)]
    public void A_file_gives_back_every_byte(byte[] bytes, PositiveInt width)
    {
        var (across, down) = (width.Get % 9 + 1, bytes.Length / (4 * (width.Get % 9 + 1)) + 1);
        byte At(int at) => bytes.ElementAtOrDefault(at);
        var alpha = Enumerable.Range(0, across * down).Select(at => At(4 * at) == 0 ? byte.MaxValue : (byte)at).ToArray();
        var rgb = Enumerable.Range(0, 3 * across * down).Select(at => alpha[at / 3] == 0 ? (byte)0 : At(at)).ToArray();
        var image = ImageDecoder.Decode("icon", Encoded.AsPng(new(across, down, rgb) { Alpha = alpha }), ImageReading.WithAlpha).Image;
        Assert.Equal(rgb, image.Rgb);
        Assert.Equal(alpha, image.Alpha!);
    }

    [Fact]
    public void A_sheet_is_opaque_but_for_its_images()
    {
        var (bright, dark) = (full(1, 1, 3, 2, Number.Of(1)), full(1, 2, 3, 2, Number.Of(-1)));
        var image = cat([bright, dark, tensor(new[] { -1f, 1, 0, 1, 1, 1 }).view(1, 1, 3, 2)], 1);
        var sheet = ImageGrid.Of(image, GridLayout.Of(1) with { Scale = 2, Gap = 1 });
        var file = sheet.Draw();
        // A transparent pixel is a transparent square; around the images it is white.
        Assert.Equal(4, file.Alpha!.Count(alpha => alpha == 0));
        Assert.Equal(4, file.Alpha!.Count(alpha => alpha == 128));
        Assert.Equal([255, 255, 255, 255], [file.Alpha![0], .. file.Row(0)[..3]]);
        Assert.Contains("data:image/png", sheet.ToSvg([]).ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ImageGrid.Of(zeros(1, 5, 2, 2), GridLayout.Of(1)));
        // Of a GIF, which has no alpha, white is under them; WebP keeps it.
        var film = new Animation([new(file, TimeSpan.FromSeconds(1))]);
        Assert.Equal(file.Over(PixelColour.White).Rgb, Read(Gif.Write).Rgb);
        Assert.Equal(file.Alpha!, Read(AnimatedWebp.Write).Alpha!);

        RgbImage Read(Action<Stream, Animation, Sequence<Note>> write)
        {
            using var stream = new MemoryStream();
            write(stream, film, []);
            return ImageDecoder.Decode("film", stream.ToArray(), ImageReading.WithAlpha).Image;
        }
    }

    [Fact]
    public void Features_are_those_of_the_image_over_white_and_their_name_says_so()
    {
        var bytes = randint(0, 256, [5, 4, 32, 32], ScalarType.Byte);
        bytes[0, 3] = 0;
        var over = Pixels.OverWhite(bytes);
        Assert.Equal(Pixels.ToImages(bytes).SelectMany(image => image.Over(PixelColour.White).Rgb),
            Pixels.ToImages(over).SelectMany(image => image.Rgb));
        using var plain = FeatureExtractor.CifarNet(CPU);
        using var composing = FeatureExtractor.Small(SmallNetwork.For(new(4, 32, 32))!, CPU, OverWhitePreparation.For(new(4, 32, 32)));
        using var expected = plain.Extract(over);
        using var found = composing.Extract(bytes);
        using var same = composing.Extract(over);
        Assert.Equal(expected.Values.data<float>(), found.Values.data<float>());
        Assert.Equal(expected.Values.data<float>(), same.Values.data<float>());
        Assert.Equal("none (3×32×32), alpha over white", composing.Identity.Preparation);
        Assert.NotEqual(plain.Identity, composing.Identity);
        Assert.Throws<ArgumentException>(() => plain.Extract(bytes));
        Assert.Equal(SmallNetwork.LeNet, SmallNetwork.For(new(4, 28, 28)));
        Assert.Equal(("pytorch-fid", Transparency.OverWhite), OverWhitePreparation.Parse("pytorch-fid, alpha over white"));
    }

    [Fact]
    public void A_pack_keeps_alpha_and_one_without_is_refused_where_it_is_wanted()
    {
        AddIcons();
        var pack = _place["icons.pack"];
        ImagePack.Write(pack, Icons, WithAlpha);
        using var folder = ImageFolder.Open(Icons, WithAlpha);
        using var packed = ImagePack.Open(pack, WithAlpha);
        Assert.Equal(new(4, Side, Side), packed.Provenance.Shape);
        Assert.Equal(folder.Provenance.Sha256, packed.Provenance.Sha256);
        Assert.EndsWith("(3 with transparency, which is kept)", folder.Provenance.Description.Origin, StringComparison.Ordinal);
        var found = DatasetCheck.Of(pack, null);
        Assert.Contains(("with transparency, which is kept", 3), found.Odd.Select(odd => (odd.Kind, odd.Names.Count)));
        ImagePack.Write(pack, Icons, WithAlpha with { Channels = ImageChannels.Colour });
        Assert.EndsWith("found a pack of images without alpha; expected one with alpha: data pack has --channels rgba.",
            Assert.Throws<InputException>(() => ImagePack.Open(pack, WithAlpha)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_differ_in_alpha_alone_are_double_only_where_it_does_not_count()
    {
        AddIcons();
        Assert.Equal(["a.png", "b.png", "c.png"], Assert.Single(DatasetCheck.Of(Icons, null).Doubles).Names);
        Assert.Equal(["b.png", "c.png"], Assert.Single(DatasetCheck.Of(Icons, null, ImageChannels.ColourAndAlpha).Doubles).Names);
    }

    [Fact]
    public void An_array_of_four_channels_is_read_as_images_with_alpha()
    {
        AddIcons();
        using var folder = (ImageSet)ImageFolder.Open(Icons, WithAlpha);
        Model.Formats.Numpy.Npz.Write(_place["icons.npz"],
            [("arr_0", Model.Formats.Numpy.NpyArray.Of(folder.Images.permute(0, 2, 3, 1).contiguous()))]);
        using var read = ImageArray.Read(_place["icons.npz"]);
        Assert.Equal(folder.Images.bytes.ToArray(), read.Images.bytes.ToArray());
    }

    // Over white all three are the same; b and c are the same with alpha, too, as nothing is seen of them.
    private void AddIcons()
    {
        byte[] Rows(byte shade, byte alpha)
        {
            byte[] row = [0, .. Enumerable.Repeat<byte[]>([shade, shade, shade, alpha], Side).SelectMany(pixel => pixel)];
            return [.. Enumerable.Repeat(row, Side).SelectMany(bytes => bytes)];
        }
        File.WriteAllBytes(_place["icons/a.png"], Encoded.AsPng(Side, Side, 6, Rows(255, 40)));
        File.WriteAllBytes(_place["icons/b.png"], Encoded.AsPng(Side, Side, 6, Rows(17, 0)));
        File.WriteAllBytes(_place["icons/c.png"], Encoded.AsPng(Side, Side, 6, Rows(99, 0)));
    }
}
