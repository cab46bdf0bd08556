using Diffusion.Math.Values;

namespace Diffusion.Specs.Values;

public sealed class SequenceSpecs
{
    [Property]
    public void Sequences_are_equal_when_their_elements_are(int[] items)
    {
        Sequence<int> one = [.. items];
        Assert.Equal(one, items.ToSequence());
        Assert.Equal(one.GetHashCode(), items.ToSequence().GetHashCode());
        Assert.NotEqual(one, [.. items, 0]);
        Assert.False(one.Equals(null));
    }

    [Property]
    public void A_sequence_holds_what_it_was_made_of(int[] items)
    {
        var sequence = items.ToSequence();
        Assert.Equal(items.Length, sequence.Count);
        Assert.Equal(items, sequence.AsSpan().ToArray());
        Assert.Equal(items, sequence.AsEnumerable());
        Assert.Equal(sequence, Sequence.Generate(items.Length, index => items[index]));
    }

    [Fact]
    public void A_sequence_does_not_change_with_the_array_it_was_made_of()
    {
        int[] items = [1, 2];
        var sequence = items.ToSequence();
        items[0] = 9;
        Assert.Equal(1, sequence[0]);
    }

    [Fact]
    public void A_sequence_prints_its_elements() => Assert.Equal("[1, 2, 3]", new[] { 1, 2, 3 }.ToSequence().ToString());

    [Fact]
    public void Records_that_hold_sequences_are_values() =>
        Assert.Equal(
            new Diffusion.Math.Spacings.TimestepSpacing.Explicit([3, 1]), new Diffusion.Math.Spacings.TimestepSpacing.Explicit([3, 1]));

    [Fact]
    public void An_index_outside_is_refused() => Assert.Throws<IndexOutOfRangeException>(() => new[] { 1 }.ToSequence()[1]);

    [Fact]
    public void A_negative_count_is_refused() => Assert.ThrowsAny<ArgumentException>(() => Sequence.Generate(-1, index => index));
}
