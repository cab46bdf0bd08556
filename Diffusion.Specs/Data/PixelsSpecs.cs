using Diffusion.Model.Images;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Data;

public sealed class PixelsSpecs
{
    private static readonly byte[] AllBytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    [Fact]
    public void Every_byte_comes_back_from_its_number()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(AllBytes, Pixels.ToBytes(Pixels.ToNumbers(Pixels.FromBytes(AllBytes, 256))).data<byte>().ToArray());
    }

    [Fact]
    public void Bytes_become_their_value_over_127_and_a_half_minus_1()
    {
        using var scope = NewDisposeScope();
        var numbers = Pixels.ToNumbers(Pixels.FromBytes(AllBytes, 4, 64));
        Assert.Equal(ScalarType.Float32, numbers.dtype);
        Assert.Equal([4, 64], numbers.shape);
        Assert.Equal(AllBytes.Select(value => value / 127.5f - 1), numbers.data<float>().ToArray());
    }

    [Theory]
    [InlineData(-1.5, 0)]
    [InlineData(-0.997, 0)]
    [InlineData(-0.996, 1)]
    [InlineData(0.0038, 128)]
    [InlineData(0.99, 254)]
    [InlineData(1.01, 255)]
    [InlineData(7, 255)]
    public void Numbers_are_rounded_to_the_nearest_byte_and_clamped(double number, byte expected)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected, Pixels.ToBytes(tensor(number)).item<byte>());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_number_that_is_not_finite_is_reported_and_never_painted(float value)
    {
        using var scope = NewDisposeScope();
        var trouble = Assert.Throws<NotFiniteNumberException>(() => Pixels.ToBytes(tensor(new[] { 0, value, 1 })));
        Assert.Contains("1 of 3", trouble.Message);
    }

    [Fact]
    public void The_brightness_of_every_grey_is_that_grey_and_colours_count_by_their_weights()
    {
        using var scope = NewDisposeScope();
        var greys = Pixels.FromBytes(AllBytes, 1, 1, 16, 16).expand(-1, 3, -1, -1);
        Assert.Equal(AllBytes, Pixels.Brightness(greys).contiguous().bytes.ToArray());
        var red = Pixels.FromBytes([200, 0, 0], 1, 3, 1, 1);
        Assert.Equal([60], Pixels.Brightness(red).bytes.ToArray());
        Assert.Equal(0.299f, Pixels.Brightness(tensor(new[] { 1f, 0, 0 }).view(1, 3, 1, 1)).item<float>(), 1e-6f);
    }

    [Fact]
    public void Only_bytes_are_pixels_and_they_must_fill_the_shape()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => Pixels.ToNumbers(zeros(3)));
        Assert.Throws<ArgumentException>(() => Pixels.FromBytes(AllBytes, 255));
    }
}
