using Diffusion.Math.Evaluation;

namespace Diffusion.Specs.Evaluation;

public sealed class PrecisionRecallSpecs
{
    [Property]
    public Property A_set_covers_itself() => Prop.ForAll(Pairs, pair =>
    {
        var itself = PrecisionRecall.Between(pair[0], pair[0], 3);
        Assert.Equal((1.0, 1.0, 1.0), (itself.Precision, itself.Recall, itself.Coverage));
        Assert.True(itself.Density >= 1);
    });

    [Property]
    public Property Exchanging_the_sets_exchanges_precision_and_recall() => Prop.ForAll(Pairs, pair =>
    {
        var (there, back) = (PrecisionRecall.Between(pair[0], pair[1], 2), PrecisionRecall.Between(pair[1], pair[0], 2));
        Assert.Equal((there.Precision, there.Recall), (back.Recall, back.Precision));
    });

    [Property]
    public Property It_is_what_the_definition_says() => Prop.ForAll(Pairs, pair =>
    {
        var (real, fake, k) = (pair[0], pair[1], 3);
        double Distance(FeatureMatrix a, int i, FeatureMatrix b, int j) =>
            a.Row(i).ToArray().Zip(b.Row(j).ToArray(), (x, y) => (x - y) * (x - y)).Sum();
        double Radius(FeatureMatrix a, int i) =>
            Enumerable.Range(0, a.Count).Where(j => j != i).Select(j => Distance(a, i, a, j)).Order().ElementAt(k - 1);
        var (reals, fakes) = (Enumerable.Range(0, real.Count).ToArray(), Enumerable.Range(0, fake.Count).ToArray());

        var covering = PrecisionRecall.Between(real, fake, k);
        Assert.Equal(
            fakes.Count(j => reals.Any(i => Distance(real, i, fake, j) <= Radius(real, i))) / (double)fake.Count, covering.Precision);
        Assert.Equal(reals.Count(i => fakes.Any(j => Distance(real, i, fake, j) <= Radius(fake, j))) / (double)real.Count,
            covering.Recall);
        Assert.Equal(
            fakes.Sum(j => reals.Count(i => Distance(real, i, fake, j) <= Radius(real, i))) / (double)(k * fake.Count), covering.Density);
        Assert.Equal(reals.Count(i => fakes.Any(j => Distance(real, i, fake, j) <= Radius(real, i))) / (double)real.Count,
            covering.Coverage);
    });

    [Fact]
    public void Sets_far_apart_share_nothing()
    {
        var near = new FeatureMatrix(1, [0, 1, 2, 3]);
        Assert.Equal(default, PrecisionRecall.Between(near, FeatureArbitraries.Shift(near, 100), 2));
    }

    [Fact]
    public void One_of_two_modes_missing_halves_recall_and_coverage_and_leaves_precision()
    {
        var both = new FeatureMatrix(1, [0, 1, 2, 3, 100, 101, 102, 103]);
        var one = new FeatureMatrix(1, [0, 1, 2, 3]);
        var covering = PrecisionRecall.Between(both, one, 1);
        Assert.Equal((1.0, 0.5, 0.5), (covering.Precision, covering.Recall, covering.Coverage));
    }

    [Fact]
    public void More_vectors_than_one_block_have_the_same_radii_as_their_sorted_distances()
    {
        var features = new FeatureMatrix(1, Reference.Formula.Symmetric("radii", 700));
        var radii = PrecisionRecall.SquaredRadii(features, 4);
        var values = FeatureArbitraries.Values(features);
        Assert.Equal(values.Select(x => values.Select(y => (x - y) * (x - y)).Order().ElementAt(4)), radii);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void A_neighbour_that_does_not_exist_is_refused(int neighbour) =>
        Assert.ThrowsAny<ArgumentException>(() => PrecisionRecall.SquaredRadii(new FeatureMatrix(1, [0, 1, 2, 3]), neighbour));

    private static Arbitrary<FeatureMatrix[]> Pairs => FeatureArbitraries.Sets(2, fewest: 5);
}
