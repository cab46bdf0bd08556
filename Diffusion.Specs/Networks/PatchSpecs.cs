using Diffusion.Model.Interchange.Diffusers;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Specs.Runtime;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Specs.Networks;

public sealed class PatchSpecs
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_convolution_of_gathered_patches_is_one_of_pixels_with_that_stride(int side)
    {
        using var scope = NewDisposeScope();
        var (image, weight) = (Drawn.Normal(2, 3, 4 * side, 5 * side), Drawn.Normal(6, 3 * side * side, 3, 3));
        // [out, C, i, j, ky, kx] → [out, C, ky·p + i, kx·p + j]
        var kernel = weight.view(6, 3, side, side, 3, 3).permute(0, 1, 4, 2, 5, 3).reshape(6, 3, 3 * side, 3 * side);
        var expected = functional.conv2d(image, kernel, strides: [side, side], padding: [side, side]);
        Assert.True(functional.conv2d(Patches.Gather(image, side), weight, padding: [1, 1]).allclose(expected, 1e-4, 1e-4));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Spreading_undoes_gathering_and_every_channel_holds_one_pixel_of_each_square(int side)
    {
        using var scope = NewDisposeScope();
        var image = Drawn.Normal(2, 3, 2 * side, 3 * side);
        var patches = Patches.Gather(image, side);
        Assert.Equal(0.0, (Patches.Spread(patches, side) - image).abs().max().item<float>());
        var (channel, row, column) = (1, side - 1, 1);
        var expected = image[TensorIndex.Colon, channel, TensorIndex.Slice(row, null, side), TensorIndex.Slice(column, null, side)];
        var found = patches[TensorIndex.Colon, channel * side * side + row * side + column];
        Assert.Equal(0.0, (found - expected).abs().max().item<float>());
    }

    [Fact]
    public void A_network_of_patches_is_the_same_network_over_gathered_images()
    {
        using var scope = NewDisposeScope();
        using var patched = Tiny.Lively(Tiny.Shape with { Patch = 2 });
        using var plain = UNet.Unfilled(Tiny.Shape with { InputChannels = 4, OutputChannels = 4 });
        plain.load_state_dict(patched.state_dict());
        var (image, time) = (Drawn.Normal(2, 1, 12, 8), tensor([3.0, 700.0]));
        var expected = Patches.Spread(plain.call(Patches.Gather(image, 2), time, null), 2);
        Assert.Equal(0.0, (patched.call(image, time, null) - expected).abs().max().item<float>());
    }

    [Fact]
    public void Images_are_padded_to_whole_patches_at_every_level()
    {
        using var scope = NewDisposeScope();
        using var network = Tiny.Lively(Tiny.Shape with { Patch = 4 });
        Assert.Equal(8, network.Shape.SizeMultiple);
        Assert.Equal([1, 1, 13, 6], network.call(Drawn.Normal(1, 1, 13, 6), tensor([3.0]), null).shape);
    }

    [Fact]
    public void Patches_are_refused_where_they_are_none_or_larger_than_any_use()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Tiny.Shape with { Patch = 0 });
        Assert.Equal("Patches of 17×17 pixels are larger than 16×16.", Assert.Single((Tiny.Shape with { Patch = 17 }).Faults()));
    }

    [Fact]
    public void What_diffusers_cannot_express_is_refused()
    {
        var refusal = Assert.Throws<InputException>(() => new DiffusersNetwork(Tiny.Shape with { Patch = 2 }, null).ToJson());
        Assert.Contains("patches of 2×2 pixels", refusal.Message, StringComparison.Ordinal);
    }
}
