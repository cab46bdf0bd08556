using System.Xml.Linq;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Images;

public sealed class ImageGridSpecs
{
    // Letters are antialiased a little differently by other processors.
    private static readonly PixelTolerance Letters = new(24, 0.002);

    // Image i of 2 rows and 3 columns has the value i everywhere but for its top left pixel, which is 255.
    private static Tensor Images(int count, int channels)
    {
        var images = Number.Range(0, count, float32, CPU).view(-1, 1, 1, 1).expand(count, channels, 2, 3).clone();
        images[TensorIndex.Colon, TensorIndex.Colon, 0, 0] = 255;
        return images.div_(Number.Of(127.5)).sub_(Number.One);
    }

    private static (byte, byte, byte) At(RgbImage image, int x, int y)
    {
        var pixel = image.Row(y).Slice(3 * x, 3);
        return (pixel[0], pixel[1], pixel[2]);
    }

    [Fact]
    public void Images_run_from_left_to_right_and_from_top_to_bottom_on_white()
    {
        using var scope = NewDisposeScope();
        var sheet = ImageGrid.Compose(Images(5, 1), GridLayout.Of(columns: 3));
        Assert.Equal((2 + 3 * (3 + 2), 2 + 2 * (2 + 2)), (sheet.Width, sheet.Height));
        for (var image = 0; image < 5; image++)
        {
            var (x, y) = (2 + image % 3 * 5, 2 + image / 3 * 4);
            Assert.Equal((255, 255, 255), At(sheet, x, y));
            Assert.Equal(((byte)image, (byte)image, (byte)image), At(sheet, x + 1, y));
            Assert.Equal(((byte)image, (byte)image, (byte)image), At(sheet, x + 2, y + 1));
            Assert.Equal((255, 255, 255), At(sheet, x + 3, y + 1));
        }
        Assert.Equal((255, 255, 255), At(sheet, 13, 7));
    }

    [Fact]
    public void Names_of_any_characters_are_written_so_that_they_can_be_seen()
    {
        using var scope = NewDisposeScope();
        const string Odd = "\u001b[31mred\nnext\uffff";
        const string Seen = @"\u001B[31mred\u000Anext\uFFFF";
        var layout = new GridLayout(1, 1, 0, [Odd]) { ColumnLabels = [Odd], Captions = ["a\0\nb"], Title = "c\u202e" };
        var sheet = ImageGrid.Of(Images(1, 1), layout).ToSvg([new("labels", "\u001b[2J\nd")]);
        var words = XElement.Parse(sheet.ToString()).Descendants().Where(part => part.Name.LocalName is "text" or "desc");
        Assert.Equal(["labels: \\u001B[2J\nd", @"c\u202E", Seen, Seen, @"a\u0000", "b"], words.Select(part => part.Value));
    }

    [Fact]
    public void Channels_are_red_green_and_blue()
    {
        using var scope = NewDisposeScope();
        var image = tensor(new float[] { 1, -1, -1 / 255f }).view(1, 3, 1, 1);
        Assert.Equal((255, 0, 127), At(ImageGrid.Compose(image, new(1, 1, 0, [])), 0, 0));
    }

    [Fact]
    public void Scaling_makes_a_square_of_every_pixel()
    {
        using var scope = NewDisposeScope();
        var images = Images(4, 3);
        var small = ImageGrid.Compose(images, new(2, 1, 0, []));
        var large = ImageGrid.Compose(images, new(2, 3, 0, []));
        Assert.Equal((small.Width * 3, small.Height * 3), (large.Width, large.Height));
        for (var y = 0; y < large.Height; y++)
            for (var x = 0; x < large.Width; x++)
                Assert.Equal(At(small, x / 3, y / 3), At(large, x, y));
    }

    [Fact]
    public void A_sheet_of_real_images_with_labels()
    {
        using var scope = NewDisposeScope();
        using var sample = Dataset.Cifar10.Sample(Split.Test);
        var chosen = Enumerable.Range(0, 40).Select(index => index / 8 * 30 + index % 8).ToArray();
        var (pixels, _) = sample.Select(chosen);
        var sheet = ImageGrid.Compose(Pixels.ToNumbers(pixels), new(8, 2, 2, [.. sample.Provenance.Description.ClassNames.Take(5)]));
        using var png = new MemoryStream();
        Png.Write(png, sheet, [new("what", "CIFAR-10, first test images of five classes")]);
        Golden.Project.Png(png.ToArray(), Letters, "ImageGrid.Cifar10");
    }

    [Fact]
    public void Names_of_many_alphabets_are_legible()
    {
        using var scope = NewDisposeScope();
        string[] names = ["déjà vu, ñandú", "Ωμέγα, ёж, Åse", "łódź, čeština", "ᾱ = 0,5 ± 1; −∞"];
        var layout = new GridLayout(1, 16, 4, [.. names]) { Title = "Größe × Höhe" };
        using var png = new MemoryStream();
        Png.Write(png, ImageGrid.Compose(linspace(-1, 1, 4).view(4, 1, 1, 1), layout), []);
        Golden.Project.Png(png.ToArray(), Letters, "ImageGrid.Letters");
        Assert.All($"{layout.Title}{string.Concat(layout.RowLabels)}",
            letter => Assert.True(EmbeddedFonts.Regular.ContainsGlyph(letter), $"there is no {letter}"));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void A_sheet_at_another_scale_is_the_same_sheet_larger(int scale)
    {
        using var scope = NewDisposeScope();
        var layout = GridLayout.Of(3) with { Scale = 2, Gap = 4, Title = "a title", RowLabels = ["one", "two"], Captions = ["below"] };
        var (usual, large) = (ImageGrid.Compose(Images(6, 3), layout), ImageGrid.Compose(Images(6, 3), layout.At(scale)));
        Assert.Equal(usual.Rgb, ImageGrid.Compose(Images(6, 3), layout.At(null)).Rgb);
        // A line's height is whole pixels.
        Assert.InRange(large.Width, scale / 2 * usual.Width - 8, scale / 2 * usual.Width + 8);
        Assert.InRange(large.Height, scale / 2 * usual.Height - 8 * 4, scale / 2 * usual.Height + 8 * 4);
    }

    [Fact]
    public void Words_stay_legible_on_the_smallest_sheet()
    {
        var layout = (GridLayout.Of(3) with { Scale = 2 }).At(1);
        Assert.Equal((1, 1, 9f), (layout.Scale, layout.Gap, layout.TextSize));
    }

    [Fact]
    public void No_word_touches_an_image_or_another_word()
    {
        using var scope = NewDisposeScope();
        var layout = GridLayout.Readable(4, 6) with
        {
            Title = "qgjpy, which reaches down",
            ColumnLabels = ["x₀", "t=1", "gjpy", "t=999"],
            Captions = ["a\nb", "gjpy\n−∞", "", "", "gjpy\ngjpy"],
        };
        var sheet = ImageGrid.Compose(full([8, 1, 6, 6], Number.Of(-1)), layout);
        var rows = Enumerable.Range(0, sheet.Height).Select(y => sheet.Row(y).ToArray().All(value => value == 255)).ToArray();
        // White lines part the title, the labels, and both rows of images with two lines of captions each.
        Assert.Equal(1 + 1 + 2 * (1 + 2), Enumerable.Range(1, rows.Length - 1).Count(y => rows[y - 1] && !rows[y]));
    }

    [Fact]
    public void As_svg_a_sheet_has_the_same_images_and_its_words_as_words()
    {
        using var scope = NewDisposeScope();
        var layout = GridLayout.Of(2) with { Scale = 3, Title = "a < b", RowLabels = ["ёж", "two"] };
        var grid = ImageGrid.Of(Images(4, 3), layout);
        var (drawn, svg) = (grid.Draw(), grid.ToSvg([new("seed", "0")]));
        System.Xml.Linq.XNamespace space = "http://www.w3.org/2000/svg";
        Assert.Equal(["a < b", "ёж", "two"], svg.Elements(space + "text").Select(text => text.Value));
        Assert.Equal("seed: 0", svg.Element(space + "desc")!.Value);
        Assert.Equal(($"{drawn.Width}", $"{drawn.Height}"), (svg.Attribute("width")!.Value, svg.Attribute("height")!.Value));
        foreach (var image in svg.Elements(space + "image"))
        {
            var png = Convert.FromBase64String(image.Attribute("href")!.Value["data:image/png;base64,".Length..]);
            var (left, top) = ((int)image.Attribute("x")!, (int)image.Attribute("y")!);
            var pixels = ImageDecoder.Decode("image", png);
            Assert.Equal(drawn.Crop(left, top, pixels.Width, pixels.Height).Rgb, pixels.Rgb);
        }
    }

    [Fact]
    public void What_is_no_batch_of_images_is_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => ImageGrid.Compose(zeros(2, 2, 4, 4), GridLayout.Of(2)));
        Assert.Throws<ArgumentException>(() => ImageGrid.Compose(zeros(3, 4, 4), GridLayout.Of(2)));
        Assert.Throws<ArgumentException>(() => ImageGrid.Compose(zeros(0, 3, 4, 4), GridLayout.Of(2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => GridLayout.Of(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => GridLayout.Of(1) with { Scale = 0 });
        Assert.Throws<NotFiniteNumberException>(() => ImageGrid.Compose(full([1, 1, 2, 2], Number.Of(double.NaN)), GridLayout.Of(1)));
    }
}
