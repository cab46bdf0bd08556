using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;

namespace Diffusion.Specs.Predictions;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class VarianceSpecs
{
    [Property]
    public void The_small_variance_is_below_the_large_one_and_the_learned_range_spans_both(NoisyPair pair)
    {
        var (earlier, later) = (pair.Earlier.VariancePreserving, pair.Later.VariancePreserving);
        var (small, large) = (new Variance.Small().SigmaOf(earlier, later), new Variance.Large().SigmaOf(earlier, later));
        Assert.True(small < large);
        var range = new Variance.LearnedRange().SigmaRangeOf(earlier, later);
        Assert.Equal(small, range.FactorAt(0), 1e-12);
        Assert.Equal(large, range.FactorAt(1), 1e-12 * large);
    }

    [Property]
    public void Each_is_right_for_one_kind_of_data(NoisyPair pair)
    {
        // x_s given x_t, for data N(0, s²): s = 0 has the small variance, s → ∞ the large one of the step seen from x_t. Ho et al. 2020,
        // Section 3.2.
        var step = Transition.Of(pair.Earlier, pair.Later);
        double Conditional(double data)
        {
            var earlier = Pow(pair.Earlier.Alpha * data, 2) + Pow(pair.Earlier.Sigma, 2);
            return earlier * step.Sigma * step.Sigma / (step.Scale * step.Scale * earlier + step.Sigma * step.Sigma);
        }
        Assert.Equal(Sqrt(Conditional(0)), new Variance.Small().SigmaOf(pair.Earlier, pair.Later), 1e-12);
        // For variance-preserving marginals and data of variance 1 the true variance is β_t itself.
        var (before, after) = (pair.Earlier.VariancePreserving, pair.Later.VariancePreserving);
        var preserving = Transition.Of(before, after);
        var (earlier, beta) = (1.0, preserving.Sigma * preserving.Sigma);
        var expected = Sqrt(earlier * beta / (preserving.Scale * preserving.Scale * earlier + beta));
        Assert.Equal(expected, new Variance.Large().SigmaOf(before, after), 1e-12);
    }

    [Property]
    public void Learned_variances_interpolate_logarithms(NoisyPair pair, Probability output)
    {
        var (low, high) = new Variance.LearnedRange().RangeOf(pair.Earlier, pair.Later);
        var fraction = (1 + output.Value) / 2;
        Assert.Equal(Pow(high, fraction) * Pow(low, 1 - fraction), Exp(new VarianceRange(low, high).LogAt(output.Value)), 1e-12);
    }

    [Property]
    public void A_learned_logarithm_is_the_output_itself(NoisyPair pair, Weight output) =>
        Assert.Equal(output.Value, new Variance.LearnedLogarithm().RangeOf(pair.Earlier, pair.Later).LogAt(output.Value), 1e-14);

    [Property]
    public void At_time_0_the_logarithm_is_that_of_time_1(NoiseSchedule.Discrete schedule)
    {
        if (schedule.Steps == 1)
            return;
        var (sigma, first) = (schedule.PosteriorAt(1).Sigma, schedule.Step(0).Sigma);
        var expected = sigma * sigma;
        Assert.Equal(VarianceRange.Of(expected), new Variance.Small().RangeAt(schedule, 0));
        Assert.Equal(VarianceRange.Of(expected), new Variance.Large().RangeAt(schedule, 0));
        Assert.Equal(new(expected, first * first), new Variance.LearnedRange().RangeAt(schedule, 0));
    }

    [Property]
    public void At_later_times_it_is_the_steps_own(Variance variance, NoiseSchedule.Discrete schedule)
    {
        for (var time = 1; time < schedule.Steps; time++)
            Assert.Equal(variance.RangeOf(schedule.Step(time), schedule.PosteriorAt(time)), variance.RangeAt(schedule, time));
    }

    [Fact]
    public void The_step_to_clean_data_has_no_small_variance()
    {
        var later = Marginal.OfAlphaBar(0.99);
        Assert.Equal(0, new Variance.Small().SigmaOf(Marginal.Clean, later));
        Assert.True(double.IsFinite(new Variance.LearnedRange().SigmaRangeOf(Marginal.Clean, later).AtZero));
    }
}
