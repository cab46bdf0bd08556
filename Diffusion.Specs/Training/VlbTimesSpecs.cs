using Diffusion.Math.Likelihood;

namespace Diffusion.Specs.Training;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class VlbTimesSpecs
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void All_times_are_all_times_whatever_the_offset(int steps)
    {
        foreach (var offset in new[] { 0, 0.3, 0.999999999 })
            Assert.Equal(Enumerable.Range(0, steps), VlbTimes.All(steps).At(offset));
        Assert.Equal(1, VlbTimes.All(steps).Scale);
    }

    [Property]
    public void Some_times_rise_from_0_and_none_comes_twice(Probability offset, PositiveInt steps, PositiveInt evaluated)
    {
        var count = steps.Get + 1;
        var times = new VlbTimes(count, Min(count, evaluated.Get + 1));
        int[] found = [.. times.At(offset.Value)];
        Assert.Equal((0, times.Evaluated), (found[0], found.Length));
        Assert.All(found.Zip(found.Skip(1)), pair => Assert.True(pair.First < pair.Second));
        Assert.InRange(found[^1], 0, count - 1);
    }

    [Theory]
    [InlineData(10, 2)]
    [InlineData(10, 4)]
    [InlineData(50, 13)]
    public void The_scaled_sum_of_some_terms_is_that_of_all_in_the_mean(int steps, int evaluated)
    {
        var times = new VlbTimes(steps, evaluated);
        double Term(int time) => 1.0 / (1 + time * time);
        // Over (T − 1)·k offsets the mean over u is exact: all the places where a time changes lie between them.
        var offsets = Enumerable.Range(0, 4 * (steps - 1)).Select(at => (at + 0.5) / (4 * (steps - 1)));
        var mean = offsets.Average(offset => times.Scale * times.At(offset).Skip(1).Sum(Term));
        Assert.Equal(Enumerable.Range(1, steps - 1).Sum(Term), mean, 1e-12);
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(10, 11)]
    [InlineData(0, 1)]
    public void Too_few_and_too_many_are_refused(int steps, int evaluated) =>
        Assert.ThrowsAny<ArgumentException>(() => new VlbTimes(steps, evaluated));
}
