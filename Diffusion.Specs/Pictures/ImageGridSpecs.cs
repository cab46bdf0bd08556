using Diffusion.Model.Datasets;
using Diffusion.Model.Images;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Images;

public sealed class ImageGridSpecs
{
    // Image i of 2 rows and 3 columns has the value i everywhere but for its top left pixel, which is 255.
    private static Tensor Images(int count, int channels)
    {
        var images = arange(count, float32).view(-1, 1, 1, 1).expand(count, channels, 2, 3).clone();
        images[TensorIndex.Colon, TensorIndex.Colon, 0, 0] = 255;
        return images.div_(127.5).sub_(1);
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
        Golden.Project.Png(png.ToArray(), new PixelTolerance(0, 0), "ImageGrid.Cifar10");
    }

    [Fact]
    public void Every_letter_has_its_place()
    {
        using var scope = NewDisposeScope();
        var text = string.Concat(Enumerable.Range(' ', 95).Select(code => (char)code));
        var lines = text.Chunk(32).Select(line => new string(line)).ToArray();
        var sheet = ImageGrid.Compose(full([3, 1, 8, 1], 1f), new(1, 1, 2, [.. lines]));
        using var png = new MemoryStream();
        Png.Write(png, sheet, []);
        Golden.Project.Png(png.ToArray(), new PixelTolerance(0, 0), "ImageGrid.Letters");
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
        Assert.Throws<NotFiniteNumberException>(() => ImageGrid.Compose(full([1, 1, 2, 2], float.NaN), GridLayout.Of(1)));
    }
}
