using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Specs.Data;

public sealed class ImageFitSpecs
{
    private static RgbImage Grey(int width, int height, Func<int, int, double> value) => new(width, height,
        [.. Enumerable.Range(0, width * height).SelectMany(at => Enumerable.Repeat((byte)Round(value(at % width, at / width)), 3))]);

    private static RgbImage Square(RgbImage image, int side) =>
        new ImageFit.CentralCrop(side).Apply("image", image, new(3, side, side));

    [Fact]
    public void The_middle_is_kept_and_a_square_of_the_right_size_is_left_alone()
    {
        var wide = Grey(9, 5, (x, y) => 10 * x + y);
        Assert.Equal(Grey(5, 5, (x, y) => 10 * (x + 2) + y).Rgb, Square(wide, 5).Rgb);
        var high = Grey(4, 7, (x, y) => 10 * x + y);
        Assert.Equal(Grey(4, 4, (x, y) => 10 * x + y + 1).Rgb, Square(high, 4).Rgb);
    }

    [Property(MaxTest = 30)]
    public bool One_colour_stays_that_colour_at_every_size(byte value, PositiveInt from, PositiveInt to)
    {
        var (source, target) = (from.Get % 50 + 1, to.Get % 50 + 1);
        return Square(Grey(source, source, (_, _) => value), target).Rgb.All(pixel => pixel == value);
    }

    [Theory]
    [InlineData(64, 32)]
    [InlineData(60, 16)]
    [InlineData(16, 40)]
    public void A_slope_stays_a_slope_away_from_the_borders(int from, int to)
    {
        var scaled = Square(Grey(from, from, (x, y) => 2 * x + y), to);
        var step = (double)from / to;
        // Near the borders the kernel sees only one side.
        var margin = (int)Ceiling(2 * Max(step, 1) / step);
        for (var y = margin; y < to - margin; y++)
            for (var x = margin; x < to - margin; x++)
            {
                var exact = 2 * ((x + 0.5) * step - 0.5) + ((y + 0.5) * step - 0.5);
                Assert.InRange(scaled.Row(y)[3 * x], exact - 1, exact + 1);
            }
    }

    [Fact]
    public void A_pattern_too_fine_for_the_new_size_becomes_its_mean_instead_of_stripes()
    {
        var stripes = Square(Grey(96, 96, (x, _) => x % 2 == 0 ? 0 : 200), 24);
        for (var x = 2; x < 22; x++)
            Assert.InRange(stripes.Row(12)[3 * x], 98, 102);
    }

    [Fact]
    public void Colours_do_not_mix_and_overshoot_is_clamped()
    {
        byte[][] colours = [[255, 0, 7], [0, 255, 7]];
        var edge = new RgbImage(16, 16, [.. Enumerable.Range(0, 256).SelectMany(at => colours[at % 16 / 8])]);
        var scaled = Square(edge, 40);
        Assert.Equal([255, 0, 7], scaled.Row(20)[..3].ToArray());
        Assert.All(scaled.Rgb.Chunk(3), pixel => Assert.Equal(7, pixel[2]));
        Assert.All(scaled.Rgb.Chunk(3), pixel => Assert.InRange(pixel[0] + pixel[1], 253, 257));
    }

    [Fact]
    public void Unchanged_images_must_have_the_size_of_the_first()
    {
        var fit = new ImageFit.Unchanged();
        var shape = fit.ShapeFor(Grey(6, 4, (_, _) => 0));
        Assert.Equal(new(3, 4, 6), shape);
        var refusal = Assert.Throws<InputException>(() => fit.Apply("b.png", Grey(4, 6, (_, _) => 0), shape));
        Assert.Equal("b.png: found 4×6 pixels; expected 6×4 as in the first image.", refusal.Message);
    }

    [Theory]
    [InlineData(24, 16, 8, 12)]
    [InlineData(30, 16, 8, 12)]
    [InlineData(24, 20, 8, 12)]
    [InlineData(9, 40, 12, 8)]
    public void Any_proportions_are_cut_out_of_the_middle(int width, int height, int wantedHeight, int wantedWidth)
    {
        var fit = new ImageFit.CentralCrop(wantedHeight, wantedWidth);
        var slope = Grey(width, height, (x, y) => 100 + 2 * (x - (width - 1) / 2.0) + 3 * (y - (height - 1) / 2.0));
        var shape = fit.ShapeFor(slope);
        Assert.Equal(new(3, wantedHeight, wantedWidth), shape);
        var image = fit.Apply("image", slope, shape);
        Assert.Equal((wantedWidth, wantedHeight), (image.Width, image.Height));
        // What was in the middle still is.
        Assert.InRange(image.Rgb.Average(value => (double)value), 98.5, 101.5);
        Assert.Equal(2 * Max(wantedHeight, wantedWidth), fit.LeastSide);
    }

    [Fact]
    public void A_square_has_at_least_one_pixel() => Assert.Throws<ArgumentOutOfRangeException>(() => new ImageFit.CentralCrop(0));
}
