using Diffusion.Math.Plans;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

public sealed class SlerpSpecs
{
    [Fact]
    public void Both_ends_are_the_noises_themselves()
    {
        Assert.Equal(new Slerp(1, 0), Slerp.At(0));
        Assert.Equal(new Slerp(0, 1), Slerp.At(1));
    }

    [Property]
    public void Every_point_of_the_way_is_standard_normal_noise(PositiveInt count)
    {
        foreach (var arc in Slerp.Points(count.Get + 1))
        {
            var mixed = Affine.Combine(
                0, new Weighted<Affine>(arc.OfFirst, Affine.Draw(0)), new Weighted<Affine>(arc.OfSecond, Affine.Draw(1)));
            Assert.Equal(0, mixed.Mean);
            Assert.Equal(1, mixed.Variance, 1e-14);
        }
    }

    [Fact]
    public void Points_are_equally_far_from_their_neighbours()
    {
        var points = Slerp.Points(9);
        var steps = points.Zip(points.Skip(1), (a, b) => Acos(a.OfFirst * b.OfFirst + a.OfSecond * b.OfSecond));
        Assert.All(steps, angle => Assert.Equal(PI / 16, angle, 1e-12));
    }

    [Fact]
    public void The_way_back_is_the_way_reversed() => Assert.All(Slerp.Points(8).Zip(Slerp.Points(8).Reverse()), pair =>
    {
        Assert.Equal(pair.First.OfFirst, pair.Second.OfSecond, 1e-15);
        Assert.Equal(pair.First.OfSecond, pair.Second.OfFirst, 1e-15);
    });

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void There_is_nothing_beyond_the_ends(double fraction) => Assert.Throws<ArgumentOutOfRangeException>(() => Slerp.At(fraction));
}
