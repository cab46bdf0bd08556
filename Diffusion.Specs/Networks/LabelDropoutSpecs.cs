using Diffusion.Model.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Networks;

public sealed class LabelDropoutSpecs
{
    private static readonly LabelShape Digits = new(10, NullLabel.Learned);

    [Fact]
    public void About_the_asked_for_part_becomes_the_null_label_and_the_rest_stays()
    {
        using var scope = NewDisposeScope();
        var labels = full(10_000, 3, int64);
        var dropped = new LabelDropout(0.1).Apply(labels, Digits);
        Assert.Equal(int64, dropped.dtype);
        var forgotten = dropped.eq(10).sum().item<long>();
        Assert.InRange(forgotten, 1000 - 150, 1000 + 150); // Five standard deviations of a binomial.
        Assert.Equal(10_000 - forgotten, dropped.eq(3).sum().item<long>());
    }

    [Fact]
    public void Nothing_is_forgotten_at_probability_0_and_everything_at_1()
    {
        using var scope = NewDisposeScope();
        var labels = arange(10, int64);
        Assert.True(new LabelDropout(0).Apply(labels, Digits).equal(labels).all().item<bool>());
        Assert.True(new LabelDropout(1).Apply(labels, Digits).eq(10).all().item<bool>());
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentOutOfRangeException>(() => new LabelDropout(-0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LabelDropout(0.5) with { Probability = 2 });
        Assert.Throws<ArgumentException>(() => new LabelDropout(0.5).Apply(arange(3), new LabelShape(3, NullLabel.Absent)));
    }
}
