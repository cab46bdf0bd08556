using Diffusion.Math.Numerics;
using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Diffusion.Specs.Values;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class SpecialSpecs
{
    // What MathNet's rational approximations themselves promise.
    private const double Tolerance = 5e-14;

    public static TheoryData<double> Points => [.. Enumerable.Range(-120, 241).Select(point => point / 20.0)];

    [Theory]
    [MemberData(nameof(Points))]
    public void The_error_function_and_its_complement_are_those_of_MathNet(double x)
    {
        Near(SpecialFunctions.Erf(x), Special.Erf(x));
        Near(SpecialFunctions.Erfc(x), Special.Erfc(x));
    }

    [Fact]
    public void The_complement_keeps_its_digits_far_out()
    {
        // erfc(10) and erfc(26), to all digits: tables of Abramowitz and Stegun's asymptotic series, 7.1.23.
        Near(2.0884875837625447570e-45, Special.Erfc(10));
        Near(5.6631924088561428465e-296, Special.Erfc(26));
        Assert.Equal((0, 2), (Special.Erfc(40), Special.Erfc(-40)));
    }

    [Theory]
    [MemberData(nameof(Points))]
    public void The_error_function_is_odd_and_adds_up_with_its_complement(double x)
    {
        Assert.Equal(-Special.Erf(x), Special.Erf(-x));
        Assert.Equal(1, Special.Erf(x) + Special.Erfc(x), 1e-15);
    }

    [Theory]
    [MemberData(nameof(Points))]
    public void The_normal_distribution_is_that_of_MathNet(double x)
    {
        Near(Normal.CDF(0, 1, x), StandardNormal.Cumulative(x));
        Near(Normal.PDF(0, 1, x), StandardNormal.Density(x));
    }

    [Theory]
    [InlineData(1e-300)]
    [InlineData(1e-100)]
    [InlineData(1e-16)]
    [InlineData(0.001)]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(0.97)]
    [InlineData(0.9999999)]
    public void The_quantile_undoes_the_distribution_function(double probability) =>
        Assert.Equal(probability, StandardNormal.Cumulative(StandardNormal.Quantile(probability)), 1e-12 * probability);

    [Property]
    public void Quantiles_are_those_of_MathNet(Probability probability) =>
        Assert.Equal(Normal.InvCDF(0, 1, probability.Value), StandardNormal.Quantile(probability.Value), 1e-12);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void The_quantile_of_no_probability_is_refused(double probability) =>
        Assert.Contains("(0, 1)", Assert.ThrowsAny<ArgumentException>(() => StandardNormal.Quantile(probability)).Message);

    [Fact]
    public void Expm1_and_log1p_keep_the_digits_that_are_left_near_0()
    {
        Assert.Equal(1e-20, Special.Expm1(1e-20));
        Assert.Equal(1e-20, Special.Log1p(1e-20));
        Near(1e-8 + 5e-17, Special.Expm1(1e-8));
        Near(1e-8 - 5e-17, Special.Log1p(1e-8));
        Assert.Equal((double.NegativeInfinity, double.PositiveInfinity), (Special.Log1p(-1), Special.Log1p(double.PositiveInfinity)));
        Assert.Equal(-1, Special.Expm1(double.NegativeInfinity));
    }

    [Property]
    public void Expm1_and_log1p_undo_each_other(Weight x) => Assert.Equal(x.Value, Special.Log1p(Special.Expm1(x.Value)), 1e-12);

    private static void Near(double expected, double actual) => Assert.Equal(expected, actual, Tolerance * Abs(expected));
}
