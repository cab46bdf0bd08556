using Diffusion.Math.Training;

namespace Diffusion.Specs.Training;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class LearningRateSpecs
{
    [Property]
    public void A_rate_is_never_negative_and_never_above_its_peak(LearningRate rate, NonNegativeInt step)
    {
        var peak = Enumerable.Range(0, 1500).Max(at => rate.At(at));
        Assert.InRange(rate.At(step.Get), 0, peak);
    }

    [Fact]
    public void A_warm_up_rises_in_a_straight_line_from_0()
    {
        LearningRate[] rates =
        [
            new LearningRate.WarmUp(2e-4, 5000), new LearningRate.WarmUpCosine(2e-4, 5000, 100_000),
            new LearningRate.WarmUpLinear(2e-4, 5000, 100_000), new LearningRate.InverseSquareRoot(2e-4, 5000, 70_000),
            new LearningRate.OneCycle(2e-4, 0.05, 100_000), new LearningRate.Trapezoid(2e-4, 5000, 20_000, 100_000),
        ];
        foreach (var rate in rates)
        {
            Assert.Equal(0, rate.At(0));
            Assert.Equal(1e-4, rate.At(2500), 1e-18);
            Assert.Equal(2e-4, rate.At(5000), 1e-18);
        }
    }

    [Fact]
    public void Without_a_warm_up_the_peak_comes_at_once() => Assert.Equal(2e-4, new LearningRate.WarmUp(2e-4, 0).At(0));

    [Fact]
    public void The_cosine_is_half_way_down_in_the_middle_and_ends_at_0()
    {
        var rate = new LearningRate.WarmUpCosine(1, 100, 300);
        Assert.Equal((0.5, 0, 0), (Round(rate.At(200), 12), Round(rate.At(300), 12), Round(rate.At(10_000), 12)));
    }

    [Fact]
    public void The_line_is_half_way_down_in_the_middle_and_ends_at_0()
    {
        var rate = new LearningRate.WarmUpLinear(1, 100, 300);
        Assert.Equal((0.5, 0, 0), (Round(rate.At(200), 12), rate.At(300), rate.At(10_000)));
    }

    [Fact]
    public void One_cycle_has_its_peak_at_the_same_share_of_a_run_of_any_length()
    {
        var rate = new LearningRate.OneCycle(1, 0.4, 1000);
        Assert.Equal((0, 0.5, 1, 0.5, 0), (rate.At(0), rate.At(200), rate.At(400), Round(rate.At(700), 12), Round(rate.At(1000), 12)));
        var longer = rate.Over(1000, 3000);
        Assert.All(Enumerable.Range(0, 1001), step => Assert.Equal(rate.At(step), longer.At(3 * step), 1e-12));
        Assert.Equal(1, new LearningRate.OneCycle(1, 0, 10).At(0));
    }

    [Fact]
    public void The_trapezoid_stays_at_its_peak_and_falls_in_a_straight_line_over_the_last_steps()
    {
        var rate = new LearningRate.Trapezoid(1, 100, 50, 300);
        Assert.Equal((1, 1, 0.5, 0, 0), (rate.At(100), rate.At(250), rate.At(275), rate.At(300), rate.At(10_000)));
        // A checkpoint of the time at the peak is one of any longer run.
        Assert.All(Enumerable.Range(0, 250), step => Assert.Equal(rate.At(step), rate.Over(300, 1000).At(step)));
        Assert.Equal(0.5, new LearningRate.Trapezoid(1, 100, 500, 300).At(200));
    }

    [Fact]
    public void Four_times_the_rest_halves_the_inverse_square_root()
    {
        var rate = new LearningRate.InverseSquareRoot(1, 10, 1000);
        Assert.Equal((1, 1, 0.5), (rate.At(10), rate.At(1000), rate.At(4000)));
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused() => Assert.All<Func<object>>(
        [() => new LearningRate.WarmUp(0, 5), () => new LearningRate.WarmUp(1, -1), () => new LearningRate.WarmUpCosine(1, 0, 0),
         () => new LearningRate.WarmUpLinear(double.NaN, 0, 1), () => new LearningRate.InverseSquareRoot(1, 0, 0),
         () => new LearningRate.OneCycle(1, 1, 10), () => new LearningRate.OneCycle(1, double.NaN, 10),
         () => new LearningRate.Trapezoid(1, 0, 0, 10), () => new LearningRate.Trapezoid(-1, 0, 1, 10),
         () => new LearningRate.Stretched(new LearningRate.WarmUp(1, 0), -1, 5, 9),
         () => new LearningRate.Stretched(new LearningRate.WarmUp(1, 0), 5, 5, 9),
         () => new LearningRate.Stretched(new LearningRate.WarmUp(1, 0), 5, 9, 5),
         () => new LearningRate.Stretched(new LearningRate.WarmUp(1, 0), 5, 9, 9) with { From = 9 }],
        make => Assert.ThrowsAny<ArgumentException>(make));
}
