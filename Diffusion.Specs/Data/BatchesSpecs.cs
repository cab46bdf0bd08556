using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Data;

public sealed class BatchesSpecs
{
    private static readonly Seed Run = new(42);

    // Image i is 1×2×3 with pixels 10·i + 0…5 and label i.
    private static ImageSet Set(int count) => ImageSet.Of(
        new("Numbers", Split.Train, Sequence.Generate(count, i => $"{i}"), "made up"), new(1, 2, 3),
        [.. Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(0, 6).Select(pixel => (byte)(10 * i + pixel)))],
        [.. Enumerable.Range(0, count).Select(i => (byte)i)]);

    [Property]
    public bool Every_epoch_visits_every_image_once(ulong seed, PositiveInt count, byte epoch)
    {
        var images = new DataOrder(new Seed(seed), count.Get).Images((long)epoch * count.Get, count.Get);
        return images.Order().SequenceEqual(Enumerable.Range(0, count.Get));
    }

    [Property]
    public bool However_the_stream_is_cut_it_is_the_same_stream(PositiveInt count, byte start, byte[] lengths)
    {
        var order = new DataOrder(Run, count.Get);
        var pieces = new List<int>();
        foreach (var length in lengths)
            pieces.AddRange(order.Images(start + pieces.Count, length));
        return new DataOrder(Run, count.Get).Images(start, pieces.Count).SequenceEqual(pieces);
    }

    [Fact]
    public void Epochs_and_seeds_have_orders_of_their_own()
    {
        var order = new DataOrder(Run, 1000);
        var first = order.Images(0, 1000);
        Assert.NotEqual(first, order.Images(1000, 1000));
        Assert.NotEqual(first, new DataOrder(new Seed(43), 1000).Images(0, 1000));
        // A uniformly drawn order leaves one entry in its place on average; eleven happen once in a hundred million orders.
        Assert.InRange(first.Index().Count(entry => entry.Index == entry.Item), 0, 10);
    }

    [Fact]
    public void Half_of_the_examples_are_mirrored_anew_in_every_epoch()
    {
        var order = new DataOrder(Run, 5000);
        var mirrored = Enumerable.Range(0, 10_000).Select(example => order.IsMirrored(example)).ToArray();
        // Five standard deviations of a fair coin.
        Assert.InRange(mirrored.Count(flag => flag), 5000 - 250, 5000 + 250);
        Assert.InRange(mirrored.Take(5000).Zip(mirrored.Skip(5000)).Count(pair => pair.First == pair.Second), 2500 - 177, 2500 + 177);
    }

    [Fact]
    public void A_batch_holds_the_images_of_the_order_as_numbers_with_their_labels()
    {
        using var set = Set(7);
        using var batch = new Batches(set, new(Run, 7), Augmentation.None, CPU).Take(3, 9);
        var expected = new DataOrder(Run, 7).Images(3, 9);
        Assert.Equal([9, 1, 2, 3], batch.Images.shape);
        Assert.Equal(expected.Select(image => (long)image), batch.Labels.data<long>().ToArray());
        Assert.Equal(expected.SelectMany(image => Enumerable.Range(0, 6).Select(pixel => (10 * image + pixel) / 127.5f - 1)),
            batch.Images.data<float>().ToArray());
    }

    [Fact]
    public void Mirrored_examples_are_reversed_left_to_right_and_the_others_are_not()
    {
        using var set = Set(9);
        var order = new DataOrder(Run, 9);
        using var plain = new Batches(set, order, Augmentation.None, CPU).Take(5, 40);
        using var flipped = new Batches(set, order, Augmentation.HorizontalFlips, CPU).Take(5, 40);
        using var scope = NewDisposeScope();
        for (var example = 0; example < 40; example++)
        {
            var expected = order.IsMirrored(5 + example) ? plain.Images[example].flip(2) : plain.Images[example];
            Assert.True(allclose(expected, flipped.Images[example], 0, 0), $"example {example}");
        }
        Assert.Equal(plain.Labels.data<long>().ToArray(), flipped.Labels.data<long>().ToArray());
    }

    [Fact]
    public void Micro_batches_are_the_pieces_of_the_batch_flips_included()
    {
        using var set = Set(9);
        var batches = new Batches(set, new(Run, 9), Augmentation.HorizontalFlips, CPU);
        using var whole = batches.Take(100, 12);
        using var scope = NewDisposeScope();
        var pieces = new[] { (100, 5), (105, 4), (109, 3) }.Select(piece => batches.Take(piece.Item1, piece.Item2).Images);
        Assert.Equal(whole.Images.data<float>().ToArray(), cat([.. pieces]).data<float>().ToArray());
    }

    [Fact]
    public void Neither_torchs_generator_nor_earlier_calls_change_a_batch()
    {
        using var set = Set(9);
        var batches = new Batches(set, new(Run, 9), Augmentation.HorizontalFlips, CPU);
        using var before = batches.Take(20, 8);
        manual_seed(7);
        using var elsewhere = batches.Take(2000, 8);
        using var again = batches.Take(20, 8);
        Assert.Equal(before.Images.data<float>().ToArray(), again.Images.data<float>().ToArray());
    }

    [Fact]
    public void A_batch_leaves_no_tensor_behind_and_outlives_the_callers_scope_only_if_moved()
    {
        using var set = Set(9);
        var batches = new Batches(set, new(Run, 9), Augmentation.HorizontalFlips, CPU);
        using var scope = NewDisposeScope();
        var batch = batches.Take(0, 4);
        Assert.Equal(2, scope.DisposablesCount);
        batch.Dispose();
        Assert.Equal(0, scope.DisposablesCount);
        Assert.False(set.Images.IsInvalid);
    }

    [Fact]
    public void Sets_without_images_with_nameless_labels_and_orders_of_another_length_are_refused()
    {
        using var set = Set(4);
        var description = set.Provenance.Description;
        Assert.Throws<ArgumentException>(() => ImageSet.Of(description, new(1, 2, 3), [], []));
        Assert.Throws<ArgumentException>(() => ImageSet.Of(description, new(1, 2, 3), new byte[6], [4]));
        Assert.Throws<ArgumentException>(() => ImageSet.Of(description, new(1, 2, 3), new byte[7], [3]));
        Assert.Throws<ArgumentException>(() => new Batches(set, new(Run, 5), Augmentation.None, CPU));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DataOrder(Run, 0));
    }
}
