using Diffusion.Math.Noise;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;

namespace Diffusion.Specs.Noise;

public sealed class TimestepSpacingSpecs
{
    private static readonly NoiseSchedule.Linear Thousand = new();

    public static TheoryData<TimestepSpacing> Grids =>
    [
        new TimestepSpacing.All(), new TimestepSpacing.Explicit([999, 500.25, 3]), new TimestepSpacing.Leading(30, 1),
        new TimestepSpacing.Trailing(30),
        new TimestepSpacing.TrailingFloor(30), new TimestepSpacing.Linspace(30), new TimestepSpacing.LinspaceWithin(30, 0.1, 80),
        new TimestepSpacing.Uniform(30),
        new TimestepSpacing.Uniform(30, Interpolation.Sigma), new TimestepSpacing.Quadratic(30), new TimestepSpacing.Karras(30),
        new TimestepSpacing.LogSnr(30),
        new TimestepSpacing.Sections([10, 10, 10]), new TimestepSpacing.WholeStride(50),
        new TimestepSpacing.WithoutLast(new TimestepSpacing.Linspace(31)),
        new TimestepSpacing.WholeTimes(new TimestepSpacing.Karras(30)), new TimestepSpacing.KarrasWithin(30, 0.03, 80),
    ];

    [Theory]
    [MemberData(nameof(Grids))]
    public void Every_step_begins_where_the_one_before_ended_and_the_last_ends_in_clean_data(TimestepSpacing grid)
    {
        var steps = grid.Over(Thousand);
        Assert.All(steps, step => Assert.True(step.To.Marginal.NoiseToSignal < step.From.Marginal.NoiseToSignal, $"{step}"));
        Assert.Equal(steps.Skip(1).Select(step => step.From), steps.SkipLast(1).Select(step => step.To));
        Assert.Equal(NoiseLevel.Clean, steps[^1].To);
    }

    [Fact]
    public void A_fixed_stride_ends_where_diffusers_ends_whatever_is_visited_next()
    {
        var steps = new TimestepSpacing.FixedStride(new TimestepSpacing.Linspace(10)).Over(Thousand);
        Assert.Equal([999, 888, 777], steps.Take(3).Select(step => step.From.Time));
        Assert.Equal([899, 788, 677], steps.Take(3).Select(step => step.To.Time));
        Assert.Equal(NoiseLevel.Clean, steps[^1].To);
    }

    [Fact]
    public void A_grid_to_the_first_level_ends_there()
    {
        var last = new TimestepSpacing.ToFirstLevel(new TimestepSpacing.Leading(10, 1)).Over(Thousand)[^1];
        Assert.Equal((1, Thousand.LevelAt(0)), (last.From.Time, last.To));
    }

    [Fact]
    public void Karras_levels_are_evenly_spread_after_a_root()
    {
        var roots = new TimestepSpacing.Karras(20, 5).Over(Thousand).Select(step => Pow(step.From.Marginal.NoiseToSignal, 0.2)).ToArray();
        foreach (var (one, other) in roots.Zip(roots.Skip(1)))
            Assert.Equal((roots[0] - roots[^1]) / 19, one - other, 1e-12);
    }

    [Fact]
    public void Karras_levels_reach_over_the_range_that_is_asked_for()
    {
        var steps = new TimestepSpacing.KarrasWithin(10, 0.1, 20).Over(Thousand);
        Assert.Equal(20, steps[0].From.Marginal.NoiseToSignal, 1e-12);
        Assert.Equal(0.1, steps[^1].From.Marginal.NoiseToSignal, 1e-12);
        var (first, last) = (Thousand.At(0).NoiseToSignal, Thousand.At(999).NoiseToSignal);
        Assert.All(
            new TimestepSpacing.Karras(10).Over(Thousand).Zip(new TimestepSpacing.KarrasWithin(10, first, last).Over(Thousand)),
            pair => Assert.Equal(pair.First, pair.Second));
        Assert.Contains(
            "Low is 0.1", Assert.Throws<ArgumentOutOfRangeException>(() => new TimestepSpacing.KarrasWithin(10, 0.1, 0.05)).Message);
    }

    // Of linspace(0, 999, 31) and arange(1000, 0, -1000/48) - 1: where the exact time ends in a half, the peers' strides decide.
    [Fact]
    public void Times_half_way_between_levels_round_as_in_NumPy()
    {
        Assert.Equal(499, new TimestepSpacing.Linspace(31).Over(Thousand)[15].From.Time);
        var trailing = new TimestepSpacing.Trailing(48).Over(Thousand);
        Assert.Equal([936, 686, 436, 186], new[] { 3, 15, 27, 39 }.Select(index => trailing[index].From.Time));
    }

    [Theory]
    [InlineData(19)]
    [InlineData(30)]
    [InlineData(600)]
    public void Times_cut_off_from_the_end_are_exact(int count)
    {
        var times = new TimestepSpacing.TrailingFloor(count).Over(Thousand).Select(step => step.From.Time).Reverse();
        Assert.Equal(Enumerable.Range(1, count).Select(k => (double)(k * 1000L / count - 1)), times);
    }

    [Fact]
    public void Levels_between_times_tell_the_network_the_time_of_their_noise()
    {
        foreach (var step in new TimestepSpacing.LogSnr(17).Over(Thousand))
            Assert.Equal(step.From.Marginal.LogSnr, Thousand.At(step.From.Time).LogSnr, 1e-9);
    }

    [Fact]
    public void Squares_that_meet_are_visited_once()
    {
        var times = new TimestepSpacing.Quadratic(50).Over(Thousand).Select(step => step.From.Time).ToArray();
        Assert.Equal(times.Distinct(), times);
        Assert.True(times.Length < 50 && times[0] == 800 && times[^1] == 0, string.Join(" ", times));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ddim")]
    [InlineData("10,,10")]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("fast27")]
    public void A_spacing_that_is_none_is_refused_by_name(string text) =>
        Assert.Contains($"'{text}'", Assert.Throws<ArgumentException>(() => TimestepSpacing.Parse(text)).Message);

    [Theory]
    [InlineData(0.1, 5)]
    [InlineData(0.11, 6)]
    [InlineData(0.6, 30)]
    [InlineData(0.001, 1)]
    [InlineData(1, 50)]
    public void The_latter_part_of_a_grid_is_its_last_steps(double share, int steps)
    {
        var whole = new TimestepSpacing.Leading(50).Over(Thousand);
        Assert.Equal(whole.TakeLast(steps), new TimestepSpacing.Last(new TimestepSpacing.Leading(50), share).Over(Thousand));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void No_part_and_more_than_all_of_a_grid_are_refused(double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TimestepSpacing.Last(new TimestepSpacing.Leading(50), share));

    [Fact]
    public void More_steps_than_levels_are_refused() =>
        Assert.All<Func<int, TimestepSpacing>>(
            [
                n => new TimestepSpacing.Leading(n), n => new TimestepSpacing.Trailing(n), n => new TimestepSpacing.TrailingFloor(n),
                n => new TimestepSpacing.Linspace(n), n =>
                    new TimestepSpacing.LinspaceWithin(n, 0, 1e9), n => new TimestepSpacing.Quadratic(n),
                n => new TimestepSpacing.WholeStride(n), n => new TimestepSpacing.Sections([n]),
            ],
            grid => Assert.Contains("1001", Assert.Throws<ArgumentException>(() => grid(1001).Over(Thousand)).Message));

    [Fact]
    public void An_empty_grid_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new TimestepSpacing.Explicit([]));
        Assert.Throws<ArgumentException>(() => new TimestepSpacing.Sections([]));
        Assert.Throws<ArgumentException>(() => new TimestepSpacing.WithoutLast(new TimestepSpacing.Leading(1)).Over(Thousand));
        Assert.Contains("0", Assert.Throws<ArgumentOutOfRangeException>(() => new TimestepSpacing.Karras(0)).Message);
    }

    [Fact]
    public void Times_that_do_not_fall_are_refused() =>
        Assert.Contains("5 follows 3", Assert.Throws<ArgumentException>(() => new TimestepSpacing.Explicit([3, 5])).Message);

    [Fact]
    public void A_whole_stride_that_does_not_exist_is_refused() =>
        Assert.Contains("999 of 1000", Assert.Throws<ArgumentException>(() => new TimestepSpacing.WholeStride(999).Over(Thousand)).Message);

    [Fact]
    public void A_time_beyond_the_last_level_is_refused() =>
        Assert.Contains(
            "1000", Assert.Throws<ArgumentOutOfRangeException>(() => new TimestepSpacing.Leading(1000, 1).Over(Thousand)).Message);
}
