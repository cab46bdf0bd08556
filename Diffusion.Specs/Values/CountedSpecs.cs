using Diffusion.Math.Values;

namespace Diffusion.Specs.Values;

public sealed class CountedSpecs
{
    [Theory]
    [InlineData(0, "0 samples")]
    [InlineData(1, "1 sample")]
    [InlineData(2, "2 samples")]
    [InlineData(2000, "2000 samples")]
    public void One_is_in_the_singular(long count, string text) => Assert.Equal(text, Counted.Of(count, "sample"));

    [Fact]
    public void Large_counts_may_be_grouped_and_plurals_given() => Assert.Equal(
        ("2,000 classes", "1 class", "classes"),
        (Counted.Grouped(2000, "class", "classes"), Counted.Grouped(1, "class", "classes"), Counted.Noun(3, "class", "classes")));
}
