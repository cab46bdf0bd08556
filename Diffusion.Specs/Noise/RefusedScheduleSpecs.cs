using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;

namespace Diffusion.Specs.Noise;

public sealed class RefusedScheduleSpecs
{
    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void Fewer_than_one_level_is_refused(int count) => Assert.All<Func<NoiseSchedule>>(
        [
            () => new NoiseSchedule.Linear(count), () => new NoiseSchedule.Quadratic(count),
            () => new NoiseSchedule.Constant(count), () => new NoiseSchedule.Harmonic(count),
            () => new NoiseSchedule.WarmUp(count), () => new NoiseSchedule.Cosine(count),
            () => new NoiseSchedule.SigmoidBeta(count), () => new NoiseSchedule.SigmoidSignal(count),
        ],
        make => Refuses(make, $"{count}", "at least 1"));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-0.5)]
    [InlineData(2)]
    [InlineData(double.NaN)]
    public void Betas_outside_the_open_interval_from_0_to_1_are_refused(double beta) => Assert.All<Func<NoiseSchedule>>(
        [
            () => new NoiseSchedule.Linear(First: beta), () => new NoiseSchedule.Linear(Last: beta),
            () => new NoiseSchedule.Quadratic(First: beta), () => new NoiseSchedule.Constant(Beta: beta),
            () => new NoiseSchedule.WarmUp(Last: beta), () => new NoiseSchedule.SigmoidBeta(First: beta),
            () => new NoiseSchedule.ExplicitBetas([0.1, beta]), () => new NoiseSchedule.Cosine(Ceiling: beta),
            () => new NoiseSchedule.SigmoidSignal(Ceiling: beta),
        ],
        make => Refuses(make, FormattableString.Invariant($"{beta}"), "(0, 1)"));

    [Fact]
    public void Alpha_bar_that_does_not_fall_is_refused()
    {
        Refuses(() => new NoiseSchedule.ExplicitAlphaBars([0.9, 0.5, 0.6]), "0.6 follows 0.5");
        Refuses(() => new NoiseSchedule.ExplicitAlphaBars([1]), "1 follows 1");
        Refuses(() => new NoiseSchedule.ExplicitAlphaBars([0.5, 0, 0]), "0 follows 0");
    }

    [Fact]
    public void Alpha_bar_outside_0_to_1_is_refused()
    {
        Refuses(() => new NoiseSchedule.ExplicitAlphaBars([1.5]), "1.5", "[0, 1]");
        Refuses(() => new NoiseSchedule.ExplicitAlphaBars([double.NaN]), "NaN", "[0, 1]");
    }

    [Fact]
    public void Empty_tables_are_refused()
    {
        Refuses(() => new NoiseSchedule.ExplicitBetas([]), "at least one");
        Refuses(() => new NoiseSchedule.ExplicitAlphaBars([]), "at least one");
    }

    [Fact]
    public void One_level_cannot_be_rescaled_to_zero_snr() =>
        Refuses(() => new NoiseSchedule.ZeroTerminalSnr(new NoiseSchedule.Linear(1)), "one level");

    [Fact]
    public void Respacing_to_more_levels_than_there_are_is_refused() =>
        Refuses(() => new NoiseSchedule.Respaced(new NoiseSchedule.Linear(10), new TimestepSpacing.Leading(11)), "11 steps", "10 levels");

    [Fact]
    public void Respacing_to_times_between_levels_is_refused() =>
        Refuses(() => new NoiseSchedule.Respaced(new NoiseSchedule.Linear(10), new TimestepSpacing.Uniform(5)), "no level");

    [Fact]
    public void So_few_steps_that_beta_would_reach_1_are_refused() =>
        Refuses(() => NoiseSchedule.Linear.OfThousand(20), "20", "at least 21");

    [Fact]
    public void Settings_of_continuous_schedules_that_make_no_sense_are_refused()
    {
        Refuses(() => new NoiseSchedule.VariancePreserving(0), "0");
        Refuses(() => new NoiseSchedule.VariancePreserving(1, 0.5), "0.5", "at least 1");
        Refuses(() => new NoiseSchedule.VariancePreserving(Start: 1), "1");
        Refuses(() => new NoiseSchedule.VarianceExploding(0.5, 0.5), "0.5");
        Refuses(() => new NoiseSchedule.Edm(0), "0");
        Refuses(() => new NoiseSchedule.Edm(SigmaMax: double.PositiveInfinity), "Infinity");
        Refuses(() => new NoiseSchedule.RectifiedFlow(0), "0");
        Refuses(() => new NoiseSchedule.RectifiedFlow(0.5, 0.5), "0.5");
        Refuses(() => new NoiseSchedule.RectifiedFlow(End: 1.5), "1.5");
    }

    [Fact]
    public void Settings_of_a_cosine_and_a_sigmoid_that_make_no_sense_are_refused()
    {
        Refuses(() => new NoiseSchedule.Cosine(Offset: -0.1), "-0.1");
        Refuses(() => new NoiseSchedule.SigmoidSignal(Start: 3, End: 3), "3");
        Refuses(() => new NoiseSchedule.SigmoidSignal(Temperature: 0), "0");
        Refuses(() => new NoiseSchedule.WarmUp(Fraction: 0), "0");
        Refuses(() => new NoiseSchedule.WarmUp(Fraction: 1.5), "1.5");
    }

    [Fact]
    public void Pure_noise_has_no_place_on_a_noise_grid()
    {
        var schedule = new NoiseSchedule.ZeroTerminalSnr(new NoiseSchedule.Linear());
        Refuses(() => new TimestepSpacing.Karras(10).Over(schedule), "finite");
        Refuses(() => new TimestepSpacing.LogSnr(10).Over(schedule), "finite");
    }

    private static void Refuses(Func<object> make, params string[] said)
    {
        var message = Assert.ThrowsAny<ArgumentException>(make).Message;
        Assert.All(said, part => Assert.Contains(part, message));
    }
}
