using Diffusion.Math.Likelihood;
using MathNet.Numerics.Integration;
using Density = MathNet.Numerics.Distributions.Normal;

namespace Diffusion.Specs.Training;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class PixelLikelihoodSpecs
{
    private static readonly double[] Pixels = [.. Enumerable.Range(0, 256).Select(value => value / 127.5 - 1)];

    [Property]
    public void The_probabilities_of_all_pixels_add_up_to_1(Weight mean, Probability scale)
    {
        var sum = Pixels.Sum(pixel => Exp(new PixelLikelihood.Exact().LogProbability(pixel, mean.Value, Log(scale.Value))));
        // None is below 10⁻¹², so far-away ones may add that much each.
        Assert.Equal(1, sum, 3e-10);
    }

    [Property]
    public void An_inner_pixel_has_the_integral_of_the_density_over_its_interval(Probability where, Probability scale)
    {
        var pixel = Pixels[(int)(1 + where.Value * 253)];
        var integral = GaussLegendreRule.Integrate(x => Density.PDF(0.2, scale.Value, x), pixel - 1.0 / 255, pixel + 1.0 / 255, 64);
        if (integral > 1e-11)
            Assert.Equal(Log(integral), new PixelLikelihood.Exact().LogProbability(pixel, 0.2, Log(scale.Value)), 1e-9);
    }

    [Fact]
    public void The_outermost_pixels_own_everything_beyond()
    {
        Assert.Equal(0, new PixelLikelihood.Exact().LogProbability(-1, -50, 0), 1e-15);
        Assert.Equal(0, new PixelLikelihood.Exact().LogProbability(1, 50, 0), 1e-15);
    }

    [Fact]
    public void No_probability_is_taken_for_less_than_10_to_the_minus_12() =>
        Assert.Equal(Log(1e-12), new PixelLikelihood.Exact().LogProbability(1, -40, -3), 1e-15);

    [Fact]
    public void The_approximation_stays_within_3_parts_in_10000()
    {
        var worst = Enumerable.Range(-500, 1001).Max(
            x => Abs(PixelLikelihood.TanhApproximation.Cumulative(x / 100.0) - Density.CDF(0, 1, x / 100.0)));
        Assert.InRange(worst, 1e-4, 3e-4);
    }
}
