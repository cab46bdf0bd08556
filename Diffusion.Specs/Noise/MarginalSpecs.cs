using Diffusion.Math.Noise;

namespace Diffusion.Specs.Noise;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class MarginalSpecs
{
    [Property]
    public void Log_snr_and_its_inverse_undo_each_other(Weight logSnr) =>
        Assert.Equal(logSnr.Value, Marginal.OfLogSnr(logSnr.Value).LogSnr, 1e-13);

    [Property]
    public void The_variance_preserving_marginal_has_total_variance_1_and_the_same_log_snr(NoisyMarginal marginal)
    {
        var preserving = marginal.Value.VariancePreserving;
        Assert.Equal(1, preserving.Scale, 1e-15);
        Assert.Equal(marginal.Value.LogSnr, preserving.LogSnr, 1e-13);
        Assert.Equal(marginal.Value.NoiseToSignal, preserving.NoiseToSignal, 1e-13 * marginal.Value.NoiseToSignal);
    }

    [Fact]
    public void Log_snr_reaches_from_pure_noise_to_clean_data()
    {
        Assert.Equal(double.NegativeInfinity, new Marginal(0, 1).LogSnr);
        Assert.Equal(double.PositiveInfinity, Marginal.Clean.LogSnr);
        Assert.Equal(new Marginal(0, 1), Marginal.OfLogSnr(double.NegativeInfinity));
        Assert.Equal(Marginal.Clean, Marginal.OfLogSnr(double.PositiveInfinity));
    }

    [Theory]
    [InlineData(-0.1, 1, "-0.1")]
    [InlineData(1, -2, "-2")]
    [InlineData(double.NaN, 1, "NaN")]
    [InlineData(1, double.PositiveInfinity, "Infinity")]
    public void Weights_that_are_negative_or_not_finite_are_refused(double alpha, double sigma, string said)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => new Marginal(alpha, sigma));
        Assert.Contains(said, error.Message);
        Assert.Contains("at least 0", error.Message);
    }

    [Fact]
    public void A_with_expression_is_checked_too() => Assert.ThrowsAny<ArgumentException>(() => Marginal.Clean with { Sigma = -1 });

    [Theory]
    [InlineData(-1e-9)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void Alpha_bar_outside_0_to_1_is_refused(double alphaBar) =>
        Assert.Contains("[0, 1]", Assert.ThrowsAny<ArgumentException>(() => Marginal.OfAlphaBar(alphaBar)).Message);

    [Fact]
    public void A_log_snr_that_is_no_number_is_refused() => Assert.ThrowsAny<ArgumentException>(() => Marginal.OfLogSnr(double.NaN));

    [Fact]
    public void A_marginal_prints_its_two_numbers() => Assert.Equal("(alpha 0.6, sigma 0.8)", new Marginal(0.6, 0.8).ToString());
}
