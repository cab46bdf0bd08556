using Diffusion.Math.Values;

namespace Diffusion.Specs.Values;

public sealed class SuggestionSpecs
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "", 3)]
    [InlineData("ddim", "ddim", 0)]
    [InlineData("dim", "ddim", 1)]
    [InlineData("ddmi", "ddim", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ca", "abc", 3)]
    public void Distance_counts_edits(string from, string to, int edits) => Assert.Equal(edits, Suggestion.Distance(from, to));

    [Property]
    public void Distance_is_symmetric_and_zero_only_for_equal_words(NonNull<string> one, NonNull<string> other)
    {
        var distance = Suggestion.Distance(one.Get, other.Get);
        Assert.Equal(distance, Suggestion.Distance(other.Get, one.Get));
        Assert.Equal(one.Get == other.Get, distance == 0);
        Assert.InRange(distance, Abs(one.Get.Length - other.Get.Length), Max(one.Get.Length, other.Get.Length));
    }

    [Fact]
    public void The_nearest_word_is_suggested() =>
        Assert.Equal("; did you mean heun?", Suggestion.Among(["ancestral", "ddim", "heun", "euler"], "huen"));

    [Fact]
    public void A_far_word_is_not() => Assert.Equal("", Suggestion.Among(["ancestral", "ddim", "heun"], "plms"));
}
