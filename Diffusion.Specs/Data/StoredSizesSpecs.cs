using Diffusion.Model.Datasets;

namespace Diffusion.Specs.Data;

public sealed class StoredSizesSpecs
{
    [Theory]
    [InlineData("48x32 48x32", "")]
    [InlineData("96x64", "reduced to 48×32 from files of 96×64")]
    [InlineData("64x64 48x32", "cut to the centre in these proportions and reduced to 48×32 from files of 48×32 to 64×64")]
    [InlineData("30x40", "cut to the centre in these proportions and enlarged to 48×32 from files of 30×40")]
    public void Proportions_need_not_be_those_of_a_square(string sizes, string sentence)
    {
        var counted = sizes.Split(' ').Select(size => size.Split('x').Select(int.Parse).ToArray())
            .Aggregate(StoredSizes.None, (sum, size) => sum.With(new(size[1], size[0]), new(32, 48)));
        Assert.Equal(sentence, counted.Sentence(new(32, 48)));
    }

    [Theory]
    [InlineData("32x32 32x32", "")]
    [InlineData("32x40 32x32", "cut to the central square to 32×32 from files of 32×32 to 32×40")]
    [InlineData("64x64 64x64", "reduced to 32×32 from files of 64×64")]
    [InlineData("1200x800 40x120", "cut to the central square and reduced to 32×32 from files of 40×120 to 1200×800")]
    [InlineData("8x8", "enlarged to 32×32 from files of 8×8")]
    [InlineData("8x8 64x64", "scaled to 32×32 from files of 8×8 to 64×64 (1 enlarged)")]
    [InlineData("8x8 32x32", "enlarged to 32×32 from files of 8×8 to 32×32 (1 enlarged)")]
    public void What_is_done_to_bring_images_to_one_size_is_one_sentence(string sizes, string sentence)
    {
        var all = sizes.Split(' ').Select(size => size.Split('x').Select(int.Parse).ToArray()).ToList();
        var counted = all.Aggregate(StoredSizes.None, (sum, size) => sum.With(new(size[1], size[0]), new(32, 32)));
        Assert.Equal(sentence, counted.Sentence(new(32, 32)));
        // In whatever order many processors come to them.
        Assert.Equal(counted, Enumerable.Reverse(all).Aggregate(
            StoredSizes.None, (sum, size) => sum.With(new(size[1], size[0]), new(32, 32))));
    }
}
