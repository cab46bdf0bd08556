using Diffusion.Math.Training;

namespace Diffusion.Specs.Training;

/// <summary>Rates of runs that are made longer or shorter under way.</summary>
[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class StretchedRateSpecs
{
    private const double Near = 1e-9;

    [Property]
    public void What_is_past_stays_and_what_comes_goes_on_from_there(LearningRate rate, byte step, PositiveInt left, PositiveInt more)
    {
        var stretched = new LearningRate.Stretched(rate, step, step + left.Get, step + more.Get);
        Assert.All(Enumerable.Range(0, step + 1), past => Assert.Equal(rate.At(past), stretched.At(past)));
    }

    [Property]
    public void What_was_to_come_with_the_last_step_still_does(LearningRate rate, byte step, PositiveInt left, PositiveInt more)
    {
        var stretched = new LearningRate.Stretched(rate, step, step + left.Get, step + more.Get);
        Assert.Equal(rate.At(step + left.Get), stretched.At(step + more.Get));
        // Half of the rest is half of the rest.
        Assert.Equal(rate.At(step + left.Get), new LearningRate.Stretched(rate, step, step + 2 * left.Get, step + 2 * more.Get)
            .At(step + more.Get));
    }

    [Property]
    public void No_rate_rises_after_its_warm_up(LearningRate rate)
    {
        var top = rate.StepsOfWarmup();
        var rates = Enumerable.Range(top, 1000).Select(step => rate.At(step)).ToArray();
        Assert.All(rates.Zip(rates.Skip(1)), pair => Assert.True(pair.Second <= pair.First * (1 + Near)));
    }

    [Property]
    public void A_run_that_gets_its_length_back_has_its_rate_back(LearningRate rate, byte step, PositiveInt left, PositiveInt more)
    {
        var (before, after) = (step + left.Get, step + more.Get);
        var back = new LearningRate.Stretched(new LearningRate.Stretched(rate, step, before, after), step, after, before);
        var highest = rate.At(rate.StepsOfWarmup());
        Assert.All(Enumerable.Range(0, before), at => Assert.Equal(rate.At(at), back.At(at), Near * highest));
    }

    [Property]
    public void Only_a_rate_that_ends_with_the_run_is_stretched(LearningRate rate, byte step, PositiveInt left, PositiveInt more)
    {
        var (before, after) = (step + left.Get, step + more.Get);
        var onward = rate.Onward(step, before, after);
        Assert.Equal(before != after && rate.Over(before, before + 1) != rate, onward != rate);
        Assert.True(onward == rate || onward == new LearningRate.Stretched(rate, step, before, after));
    }

    [Property]
    public void A_new_run_of_another_length_has_the_rate_as_it_was_planned(byte step, PositiveInt left, PositiveInt more, PositiveInt steps)
    {
        var (before, after) = (step + left.Get, step + more.Get);
        var planned = new LearningRate.OneCycle(1e-3, 0.4, before);
        var twice = planned.Onward(step, before, after + 1).Onward(step, after + 1, after);
        Assert.Equal(twice, twice.Over(after, after));
        if (steps.Get != after)
            Assert.Equal(planned with { Total = steps.Get }, twice.Over(after, steps.Get));
    }

    [Fact]
    public void The_rest_of_a_cycle_is_stretched_its_rise_included()
    {
        var cycle = new LearningRate.OneCycle(1, 0.4, 1000);
        var late = cycle.Onward(700, 1000, 1300);
        Assert.Equal((0.5, 0.5, 0.0), (Round(cycle.At(700), 12), Round(late.At(700), 12), Round(late.At(1300), 12)));
        Assert.Equal(cycle.At(850), late.At(1000), 1e-12);
        var early = cycle.Onward(200, 1000, 600);
        Assert.Equal((0.5, 1.0), (early.At(200), early.At(300)));
        Assert.Equal((300, 400), (early.StepsOfWarmup(), late.StepsOfWarmup()));
        Assert.Equal(600, early.ZeroFrom(600));
        // So much shorter that its top lies between two steps.
        Assert.Equal(201, cycle.Onward(200, 1000, 201).ZeroFrom(300));
    }
}
