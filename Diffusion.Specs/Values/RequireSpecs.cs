using Diffusion.Math.Values;

namespace Diffusion.Specs.Values;

public sealed class RequireSpecs
{
    [Property]
    public void What_is_accepted_comes_back(NormalFloat number, NormalFloat other)
    {
        var (low, high) = (Min(number.Get, other.Get) - 1, Max(number.Get, other.Get) + 1);
        Assert.Equal(number.Get, Require.Finite(number.Get));
        Assert.Equal(number.Get, Require.Within(number.Get, low, high));
        Assert.Equal(Abs(number.Get), Require.NonNegative(Abs(number.Get)));
        Assert.Equal(Abs(number.Get) + 1, Require.Positive(Abs(number.Get) + 1));
        Assert.Equal(number.Get, Require.AtLeast(number.Get, number.Get));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-1)]
    public void What_is_refused_is_named_with_its_value_and_its_range(double strength)
    {
        Action[] refusals =
        [
            () => Require.NonNegative(strength), () => Require.Positive(strength),
            () => Require.Within(strength, 0, 1), () => Require.Between(strength, 0, 1),
        ];
        foreach (var refuse in refusals)
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(refuse);
            Assert.Equal("strength", error.ParamName);
            Assert.Contains(FormattableString.Invariant($"strength is {strength}; it must be"), error.Message);
        }
    }

    [Fact]
    public void The_ends_belong_to_a_closed_interval_and_not_to_an_open_one()
    {
        Assert.Equal((0, 1), (Require.Within(0, 0, 1), Require.Within(1, 0, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Require.Between(0, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Require.Between(1, 0, 1));
    }

    [Fact]
    public void An_empty_list_is_refused_by_name()
    {
        Sequence<int> times = [];
        Assert.Contains("times", Assert.Throws<ArgumentException>(() => Require.NonEmpty(times)).Message);
    }
}
