using Diffusion.Model.Networks;

namespace Diffusion.Specs.Networks;

public sealed class UNetArithmeticSpecs
{
    [Fact]
    public void A_small_network_is_counted_as_by_hand()
    {
        // One level of 8 channels on 4x4 pixels, one block down and two up, no attention but in the middle.
        var shape = new UNetShape
        {
            InputChannels = 1,
            OutputChannels = 2,
            Levels = [UNetLevel.Plain(8)],
            BlocksPerLevel = 1,
            Residual = new() { Groups = 4 },
        };
        const int pixels = 16, embedding = 8 * 32 + 32 * 32;
        const int ends = (1 * 8 + 8 * 2) * 9 * pixels;
        const int plain = 2 * 8 * 8 * 9 * pixels + 32 * 8;
        const int joining = (16 * 8 + 8 * 8) * 9 * pixels + 16 * 8 * pixels + 32 * 8;
        const int attention = 4 * 8 * 8 * pixels + 2 * 8 * pixels * pixels;
        Assert.Equal(embedding + ends + 3 * plain + 2 * joining + attention, shape.Products(4, 4));
    }

    [Fact]
    public void The_paper_network_needs_six_billion_multiplications_for_a_image_of_32_by_32()
    {
        // Fang, Ma and Wang 2023, "Structural pruning for diffusion models", Table 1: 6.1 G for this network. Counters that look at
        // modules, as theirs does, leave out the products of pixels with pixels, in five attentions of 16x16 pixels and one of 4x4.
        const long attention = 5L * 2 * 256 * 256 * 256 + 2 * 256 * 16 * 16;
        Assert.Equal(6.1e9, UNetShape.Paper.Products(32, 32) - attention, 0.05e9);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_weights_are_counted_from_the_shape_alone(string family)
    {
        var shape = Shapes[family];
        using var outline = UNet.Outline(shape);
        Assert.InRange(shape.Weights() / (double)outline.ParameterCount, 0.98, 1.02);
    }

    public static TheoryData<string> Families => [.. Shapes.Keys];

    // Wide ones, where biases and scales are few.
    private static Dictionary<string, UNetShape> Shapes { get; } = new()
    {
        ["group normalisation"] = UNetShape.Paper,
        ["a state that enters at every level"] = UNetShape.Paper with { Entry = StateEntry.EveryLevel },
        ["root mean square normalisation"] = Tiny.PostNormalised with
        {
            Architecture = new UNetArchitecture.PostNormalised(),
            Levels = [.. Tiny.PostNormalised.Levels.Select(level => level with { Channels = 16 * level.Channels })],
            StemChannels = null,
        },
        ["labels beside the time"] = Tiny.Labelled with
        {
            Architecture = new UNetArchitecture.PostNormalised { Memories = 0, Halving = Halving.Strided },
            Levels = [.. Tiny.Labelled.Levels.Select(level => level with { Channels = 16 * level.Channels })],
            StemChannels = null,
        },
        ["magnitude-preserving"] = Tiny.MagnitudePreserving with
        {
            Levels = [.. Tiny.MagnitudePreserving.Levels.Select(level => level with { Channels = 16 * level.Channels })],
        },
    };

    [Fact]
    public void Images_are_padded_to_what_the_network_needs() =>
        Assert.Equal(UNetShape.Paper.Products(32, 32), UNetShape.Paper.Products(28, 25));

    [Fact]
    public void A_network_of_patches_multiplies_as_one_of_patched_images_does()
    {
        var shape = Tiny.Shape with { Patch = 2 };
        var patched = Tiny.Shape with { InputChannels = 4, OutputChannels = 4 };
        Assert.Equal(patched.Products(6, 4), shape.Products(12, 8));
        Assert.Equal(patched.Activations(6, 4), shape.Activations(12, 8));
        Assert.Equal(patched.Products(14, 14), shape.Products(28, 28));
        Assert.Equal(patched.Products(8, 8), shape.Products(13, 15));
    }

    [Fact]
    public void Four_times_the_pixels_take_four_times_as_much_where_nothing_attends()
    {
        var shape = Tiny.Shape
            with { Levels = [UNetLevel.Plain(8), UNetLevel.Plain(16)], Middle = new() { Attention = MiddleAttention.None } };
        var (small, middle, large) = (shape.Products(8, 8), shape.Products(16, 16), shape.Products(32, 32));
        // What concerns the embedding does not depend on the image.
        Assert.Equal(4 * (middle - small), large - middle);
    }
}
