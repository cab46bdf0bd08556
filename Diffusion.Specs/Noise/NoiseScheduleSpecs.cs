using Diffusion.Math.Json;
using Diffusion.Math.Noise;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;

namespace Diffusion.Specs.Noise;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class NoiseScheduleSpecs
{
    [Property]
    public void Noise_grows_with_time(NoiseSchedule schedule)
    {
        var levels = Times(schedule).Select(time => schedule.At(time).NoiseToSignal).ToArray();
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.First < pair.Second, $"{pair}"));
    }

    [Property]
    public void Betas_lie_between_0_and_1_and_alpha_bar_is_their_product(NoiseSchedule.Discrete schedule)
    {
        Assert.Equal((schedule.Steps, schedule.Steps), (schedule.Betas.Count, schedule.AlphaBars.Count));
        Assert.All(schedule.Betas, beta => Assert.InRange(beta, double.Epsilon, 1));
        var product = 1.0;
        foreach (var (beta, alphaBar) in schedule.Betas.Zip(schedule.AlphaBars))
            Assert.Equal(product *= 1 - beta, alphaBar, 1e-12);
    }

    [Property]
    public void Discrete_levels_preserve_variance(NoiseSchedule.Discrete schedule) =>
        Assert.All(Times(schedule), time => Assert.Equal(1, schedule.At(time).Scale, 1e-12));

    [Property]
    public void The_time_of_a_log_snr_is_the_inverse_of_the_marginal(NoiseSchedule schedule, Probability where)
    {
        var time = schedule.FirstTime + where.Value * (schedule.LastTime - schedule.FirstTime);
        if (double.IsFinite(schedule.At(time).LogSnr))
            Assert.Equal(time, schedule.TimeOf(schedule.At(time).LogSnr), 1e-7 * Max(1, time));
    }

    [Property]
    public void The_time_of_a_log_snr_stays_within_the_schedule(NoiseSchedule schedule)
    {
        Assert.Equal(schedule.FirstTime, schedule.TimeOf(double.PositiveInfinity));
        Assert.Equal(schedule.LastTime, schedule.TimeOf(double.NegativeInfinity));
    }

    [Property]
    public void The_level_of_a_noise_has_exactly_that_noise(NoiseSchedule schedule, Probability noise) =>
        Assert.Equal(noise.Value, schedule.LevelOf(noise.Value).Marginal.NoiseToSignal, 1e-14);

    [Property]
    public void Respacing_keeps_alpha_bar_at_the_kept_times(NoiseSchedule.Discrete schedule, Probability share)
    {
        var kept = Max(1, (int)(share.Value * schedule.Steps));
        var respaced = new NoiseSchedule.Respaced(schedule, new TimestepSpacing.Sections([kept]));
        var visited = new TimestepSpacing.Sections([kept]).Over(schedule).Select(step => step.From).Reverse().ToArray();
        Assert.Equal(visited, Enumerable.Range(0, respaced.Steps).Select(time => respaced.LevelAt(time)));
        Assert.Equal(visited.Select(level => level.Marginal), Enumerable.Range(0, respaced.Steps).Select(time => respaced.At(time)));
        Assert.All(respaced.AlphaBars, alphaBar => Assert.Contains(alphaBar, schedule.AlphaBars));
    }

    [Property]
    public void Zero_terminal_snr_ends_in_pure_noise_and_keeps_the_first_level(NoiseSchedule.Discrete schedule)
    {
        if (schedule.Steps < 2)
            return;
        var rescaled = new NoiseSchedule.ZeroTerminalSnr(schedule);
        Assert.Equal(new Marginal(0, 1), rescaled.At(rescaled.LastTime));
        Assert.Equal(schedule.AlphaBars[0], rescaled.AlphaBars[0], 1e-14);
        Assert.Equal(1, rescaled.Betas[^1]);
    }

    [Property]
    public void Schedules_are_equal_by_their_settings_whatever_was_computed(NoiseSchedule.Discrete schedule)
    {
        var copy = UnionJson.Read<NoiseSchedule>(UnionJson.Write<NoiseSchedule>(schedule));
        _ = schedule.AlphaBars;
        Assert.Equal(schedule, copy);
        Assert.Equal(schedule.GetHashCode(), copy.GetHashCode());
    }

    [Fact]
    public void A_with_expression_computes_its_own_tables()
    {
        var schedule = new NoiseSchedule.Linear(10);
        _ = schedule.AlphaBars;
        Assert.Equal(new NoiseSchedule.Linear(20).AlphaBars, (schedule with { Count = 20 }).AlphaBars);
        var respaced = new NoiseSchedule.Respaced(schedule, new TimestepSpacing.Leading(5));
        Assert.Equal([0, 5], Times(respaced with { Grid = new TimestepSpacing.Leading(2) }));
        Assert.Equal([0, 4, 8, 12, 16], Times(respaced with { Base = new NoiseSchedule.Linear(20) }));

        static IEnumerable<double> Times(NoiseSchedule.Discrete schedule) =>
            Enumerable.Range(0, schedule.Steps).Select(time => schedule.LevelAt(time).Time);
    }

    [Fact]
    public void A_schedule_prints_its_settings_and_not_its_tables()
    {
        var schedule = new NoiseSchedule.Linear();
        _ = schedule.AlphaBars;
        Assert.Equal("Linear { Count = 1000, First = 0.0001, Last = 0.02 }", schedule.ToString());
    }

    [Fact]
    public void A_million_levels_take_less_than_a_tenth_of_a_second()
    {
        Func<NoiseSchedule.Discrete>[] schedules =
        [
            () => NoiseSchedule.Linear.OfThousand(1_000_000),
            () => new NoiseSchedule.Cosine(1_000_000),
            () => new NoiseSchedule.SigmoidSignal(1_000_000),
        ];
        foreach (var make in schedules)
        {
            // One of a few: the first one compiles.
            Assert.Contains(Enumerable.Range(0, 5).Select(_ => ThreadClock.Measure(
                () => Assert.InRange(make().At(999_999).LogSnr, double.MinValue, -9))), time => time < TimeSpan.FromMilliseconds(100));
        }
    }

    [Fact]
    public void A_sigmoid_that_ends_before_the_schedule_does_keeps_its_steepest_step()
    {
        var schedule = new NoiseSchedule.SigmoidSignal(10, 1, 800, 1);
        Assert.All(schedule.Betas.Skip(1), beta => Assert.Equal(0.999, beta));
        Assert.Contains("β = NaN at t = 0", Assert.Throws<ArgumentException>(
            () => new NoiseSchedule.SigmoidSignal(10, 481, 960).At(0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_noise_of_a_thousand_steps_stays_when_there_are_more() =>
        Assert.Equal(new NoiseSchedule.Linear().At(999).LogSnr, NoiseSchedule.Linear.OfThousand(100_000).At(99_999).LogSnr, 0.1);

    [Fact]
    public void Many_linear_steps_become_the_continuous_variance_preserving_process()
    {
        // β_i = β(i/N)/N with β from 0.1 to 20: Song et al. 2020, Appendix B.
        var (continuous, discrete) =
            (new NoiseSchedule.VariancePreserving(), new NoiseSchedule.Linear(100_000, 0.1 / 100_000, 20.0 / 100_000));
        for (var u = 0.1; u < 1; u += 0.1)
            Assert.Equal(continuous.At(u).LogSnr, discrete.At(u * 100_000 - 1).LogSnr, 5e-3);
    }

    [Fact]
    public void The_harmonic_schedule_loses_signal_at_a_steady_pace() =>
        Assert.All(Enumerable.Range(0, 50), t => Assert.Equal(1 - (t + 1) / 50.0, new NoiseSchedule.Harmonic(50).AlphaBars[t], 1e-14));

    [Fact]
    public void Time_outside_the_schedule_is_refused()
    {
        var schedule = new NoiseSchedule.Linear(10);
        Assert.Equal(Marginal.Clean, schedule.At(-1));
        Assert.All<double>([-0.5, 9.5, 10, double.NaN], time =>
            Assert.Contains("[0, 9]", Assert.ThrowsAny<ArgumentException>(() => schedule.At(time)).Message));
        Assert.Contains("[0, 9]", Assert.ThrowsAny<ArgumentException>(() => schedule.Step(10)).Message);
        Assert.ThrowsAny<ArgumentException>(() => schedule.PosteriorAt(-1));
        Assert.Contains("[0, 1]", Assert.ThrowsAny<ArgumentException>(() => new NoiseSchedule.VariancePreserving().At(1.5)).Message);
        Assert.ThrowsAny<ArgumentException>(() => new NoiseSchedule.VarianceExploding().At(-1));
    }

    private static IEnumerable<double> Times(NoiseSchedule schedule) => schedule is NoiseSchedule.Discrete discrete
        ? Enumerable.Range(0, discrete.Steps).Select(time => (double)time)
        : Enumerable.Range(0, 20).Select(
            part => Min(schedule.LastTime, schedule.FirstTime + (schedule.LastTime - schedule.FirstTime) * part / 19));
}
