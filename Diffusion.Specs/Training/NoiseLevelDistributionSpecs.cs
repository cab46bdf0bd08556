using Diffusion.Math.Noise;
using Diffusion.Math.Schedules;
using Diffusion.Math.Training;
using Diffusion.Math.Values;

namespace Diffusion.Specs.Training;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class NoiseLevelDistributionSpecs
{
    private const int Many = 4000;

    [Property]
    public void Uniform_times_are_whole_levels_each_as_likely_as_the_other(NoiseSchedule.Discrete schedule)
    {
        double[] uniforms = [.. Enumerable.Range(0, schedule.Steps * 3).Select(index => (index + 0.5) / (schedule.Steps * 3))];
        var levels = new NoiseLevelDistribution.UniformTime().Draw(uniforms, schedule);
        Assert.Equal(Enumerable.Range(0, schedule.Steps).SelectMany(time => Enumerable.Repeat(schedule.LevelAt(time), 3)), levels);
    }

    [Fact]
    public void Uniform_times_of_a_continuous_schedule_fill_it_evenly()
    {
        var schedule = new NoiseSchedule.VariancePreserving();
        Assert.Equal([0.001, 0.5005], new NoiseLevelDistribution.UniformTime().Draw([0, 0.5], schedule).Select(level => level.Time));
    }

    [Fact]
    public void Log_normal_sigmas_have_the_mean_and_deviation_asked_for()
    {
        var draws = new NoiseLevelDistribution.LogNormalSigma(-1.2, 1.2).Draw(Uniforms(Many), new NoiseSchedule.Edm());
        var logarithms = draws.Select(level => Log(level.Marginal.Sigma)).ToArray();
        var mean = logarithms.Average();
        // Five standard errors.
        Assert.Equal(-1.2, mean, 5 * 1.2 / Sqrt(Many));
        Assert.Equal(1.2, Sqrt(logarithms.Average(value => Pow(value - mean, 2))), 5 * 1.2 / Sqrt(2 * Many));
        Assert.All(draws, level => Assert.Equal(level.Time, level.Marginal.Sigma));
    }

    [Fact]
    public void The_median_uniform_number_is_the_median_sigma() =>
        Assert.Equal(
            Exp(-1.2), new NoiseLevelDistribution.LogNormalSigma().Draw([0.5], new NoiseSchedule.Edm()).Single().Marginal.Sigma, 1e-15);

    [Property]
    public void The_smallest_uniform_number_is_a_level_like_any_other(NoiseLevelDistribution levels, NoiseSchedule schedule) =>
        Assert.True(levels.Draw([0], schedule).Single().Marginal.NoiseToSignal > 0);

    [Property]
    public void A_log_normal_sigma_over_a_rectified_flow_is_a_logit_normal_time(Probability uniform, Weight mean)
    {
        var levels = new NoiseLevelDistribution.LogNormalSigma(mean.Value, 0.7);
        var level = levels.Draw([uniform.Value], new NoiseSchedule.RectifiedFlow()).Single();
        var normal = MathNet.Numerics.Distributions.Normal.InvCDF(mean.Value, 0.7, uniform.Value);
        Assert.Equal(1 / (1 + Exp(-normal)), level.Time, 1e-8);
        Assert.Equal(level.Time, level.Marginal.Sigma, 1e-15);
        Assert.Equal(1 - level.Time, level.Marginal.Alpha, 1e-15);
    }

    [Property]
    public void Uniform_log_snrs_are_spread_evenly_over_any_schedule(NoiseSchedule schedule)
    {
        var levels = new NoiseLevelDistribution.UniformLogSnr(-4, 2).Draw([0, 0.25, 0.5, 0.75], schedule);
        Assert.All(levels.Zip([2, 0.5, -1, -2.5]), pair => Assert.Equal(pair.Second, pair.First.Marginal.LogSnr, 1e-9));
    }

    [Fact]
    public void Low_discrepancy_makes_the_loss_of_a_batch_vary_less()
    {
        // The exact loss of the best denoiser of Gaussian data, by level: the variance of a batch's mean is all that differs.
        const int batch = 16;
        var (schedule, uniform) = (new NoiseSchedule.Cosine(), new NoiseLevelDistribution.UniformTime());
        double Loss(NoiseLevel level)
        {
            var (alpha, sigma) = (level.Marginal.Alpha, level.Marginal.Sigma);
            const double data = 0.5;
            return Pow(data * alpha, 2) / (Pow(data * alpha, 2) + sigma * sigma);
        }
        double Spread(NoiseLevelDistribution levels)
        {
            var means = Enumerable.Range(0, 400)
                .Select(step => levels.Draw(new Seed((ulong)step).Uniforms(batch), schedule).Average(Loss)).ToArray();
            var mean = means.Average();
            return means.Average(each => Pow(each - mean, 2));
        }
        Assert.True(20 * Spread(new NoiseLevelDistribution.LowDiscrepancy(uniform)) < Spread(uniform));
    }

    [Property]
    public void Low_discrepancy_puts_one_draw_into_each_equal_part(Probability shift)
    {
        const int batch = 17;
        double[] uniforms = [shift.Value, .. new double[batch - 1]];
        var levels = new NoiseLevelDistribution.LowDiscrepancy(new NoiseLevelDistribution.UniformTime())
            .Draw(uniforms, new NoiseSchedule.Linear(batch));
        var times = levels.Select(level => level.Time);
        Assert.Equal(Enumerable.Range(0, batch).Select(part => (double)part), times.Order());
    }

    [Fact]
    public void Low_discrepancy_keeps_the_distribution_of_each_draw()
    {
        var seed = new Seed(1);
        var levels = new NoiseLevelDistribution.LowDiscrepancy(new NoiseLevelDistribution.UniformTime());
        var third = Enumerable.Range(0, Many).Select(
            index => levels.Draw([seed.Uniform(index), 0, 0, 0], new NoiseSchedule.Linear())[2].Time).ToArray();
        Assert.Equal(499.5, third.Average(), 5 * 1000 / Sqrt(12.0 * Many));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void Numbers_outside_the_unit_interval_are_refused(double uniform) =>
        Assert.Contains("uniforms", Assert.ThrowsAny<ArgumentException>(
            () => new NoiseLevelDistribution.UniformTime().Draw([uniform], new NoiseSchedule.Linear())).Message);

    [Fact]
    public void Settings_that_make_no_sense_are_refused()
    {
        Assert.Contains("Mean", Assert.ThrowsAny<ArgumentException>(() => new NoiseLevelDistribution.LogNormalSigma(double.NaN)).Message);
        Assert.Contains("above 0", Assert.ThrowsAny<ArgumentException>(() => new NoiseLevelDistribution.LogNormalSigma(0, 0)).Message);
        Assert.Contains("Low", Assert.ThrowsAny<ArgumentException>(() => new NoiseLevelDistribution.UniformLogSnr(1, 1)).Message);
    }

    private static double[] Uniforms(int count) => [.. Enumerable.Range(0, count).Select(index => new Seed(5).Uniform(index))];
}
