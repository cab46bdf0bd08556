using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Networks;

public sealed class DropoutSpecs
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    public void A_part_is_zeroed_the_rest_scaled_and_the_gradient_takes_the_same_way(ScalarType type)
    {
        using var scope = NewDisposeScope();
        const int count = 100_003;
        var hidden = ones([count], type).requires_grad_();
        var dropped = Dropout.Apply(hidden, 0.25, new Seed(3));
        Assert.Equal(type, dropped.dtype);
        var zeros = dropped.eq(Number.Of(0)).sum().item<long>();
        Assert.InRange(zeros, count / 4 - 700, count / 4 + 700); // Five standard deviations of a binomial.
        var kept = tensor(4.0 / 3).to(type);
        Assert.Equal(count - zeros, dropped.eq(kept).sum().item<long>());
        dropped.sum().backward();
        Assert.True(hidden.grad!.equal(dropped).all().item<bool>());
    }

    [Fact]
    public void The_mask_is_a_function_of_the_seed_and_changes_from_call_to_call()
    {
        using var scope = NewDisposeScope();
        var hidden = ones(1000);
        var first = Dropout.Apply(hidden, 0.5, new Seed(4));
        Assert.True(first.equal(Dropout.Apply(hidden, 0.5, new Seed(4))).all().item<bool>());
        Assert.False(first.equal(Dropout.Apply(hidden, 0.5, new Seed(5))).all().item<bool>());
        var masks = new MaskSeeds(new(6));
        var calls = new[] { Dropout.Apply(hidden, 0.5, masks), Dropout.Apply(hidden, 0.5, masks) };
        Assert.False(calls[0].equal(calls[1]).all().item<bool>());
        masks.Begin(new(6));
        Assert.All(calls, call => Assert.True(call.equal(Dropout.Apply(hidden, 0.5, masks)).all().item<bool>()));
    }

    [Fact]
    public void Neighbours_are_dropped_independently()
    {
        using var scope = NewDisposeScope();
        var dropped = Dropout.Apply(ones(100_000), 0.5, new Seed(3)).eq(Number.Of(0)).to(float64).Minus(0.5);
        foreach (var lag in new[] { 1, 2, 3, 4, 5, 64 })
        {
            var correlation = 4 * (dropped[..^lag] * dropped[lag..]).mean().item<double>();
            Assert.InRange(correlation, -0.016, 0.016); // Five standard deviations.
        }
    }
}
