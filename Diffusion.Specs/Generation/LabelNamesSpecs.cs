using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Sampling;

namespace Diffusion.Specs.Generation;

public sealed class LabelNamesSpecs
{
    private static readonly Sequence<string> Known = ["7", "cat", "a cat, sleeping", "Übergröße – 猫"];

    private static SampleLabels Numbered(string words, Sequence<string> names) =>
        new SampleLabels.Named(words.Split(',').ToSequence()).Numbered(names, 4);

    private static string Refusal(string words, Sequence<string> names) =>
        Assert.Throws<InputException>(() => Numbered(words, names)).Message;

    [Fact]
    public void One_name_is_the_label_of_all_and_several_take_turns()
    {
        Assert.Equal(new SampleLabels.One(1), Numbered("cat", Known));
        Assert.Equal(new SampleLabels.Listed([3, 1]), Numbered("Übergröße – 猫,cat", Known));
        Assert.Equal(new SampleLabels.Listed([1, 3]), Numbered("cat, 3", Known));
        Assert.Equal(new SampleLabels.Listed([1, 1, 3, 3]), new SampleLabels.Named(["cat", "3"]).ByRow(2).Numbered(Known, 4));
    }

    [Fact]
    public void A_name_comes_before_a_number_that_is_written_alike()
    {
        Assert.Equal(new SampleLabels.One(0), Numbered("7", Known));
        Assert.Equal(new SampleLabels.One(0), Numbered("0", Known));
    }

    [Fact]
    public void A_name_may_hold_commas() => Assert.Equal(new SampleLabels.One(2), Numbered("a cat, sleeping", Known));

    [Fact]
    public void Without_names_there_are_numbers()
    {
        Assert.Equal(new SampleLabels.Listed([3, 0]), Numbered("3,0", []));
        Assert.Equal("label: found cat; expected one of the labels 0 to 3.", Refusal("cat", []));
    }

    [Theory]
    [InlineData("kat", "label: found kat; expected one of the labels 0 to 3 "
        + "(7, cat, a cat, sleeping, Übergröße – 猫); did you mean cat?")]
    [InlineData("cat,1", "label: found cat twice; expected each label once.")]
    [InlineData("-1", "label: found -1; expected one of the labels 0 to 3 (7, cat, a cat, sleeping, Übergröße – 猫).")]
    public void What_is_no_label_is_refused_with_those_that_are(string words, string message) =>
        Assert.Equal(message, Refusal(words, Known));

    [Fact]
    public void Of_many_names_some_are_listed()
    {
        var names = Sequence.Generate(4, place => new string((char)('a' + place), 500));
        Assert.InRange(Refusal("x", names).Length, 100, 300);
        var many = new LabelNames(Sequence.Generate(300, place => $"kind {place}"), 300);
        Assert.Equal("0 to 299 (kind 0, kind 1, kind 2, kind 3, kind 4, kind 5, kind 6, kind 7, kind 8, kind 9, ...)", many.All);
    }

    [Fact]
    public void Digits_that_are_called_by_their_numbers_are_not_listed_twice() =>
        Assert.Equal("0 to 3", new LabelNames(["0", "1", "2", "3"], 4).All);
}
