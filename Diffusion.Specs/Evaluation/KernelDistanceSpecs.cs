using Diffusion.Math.Evaluation;

namespace Diffusion.Specs.Evaluation;

public sealed class KernelDistanceSpecs
{
    private const double Tolerance = 1e-12;
    private static readonly PolynomialKernel Kernel = new();

    [Property]
    public Property It_is_symmetric() => Prop.ForAll(Pairs, pair =>
    {
        var (there, back) = (KernelDistance.Between(pair[0], pair[1], Kernel), KernelDistance.Between(pair[1], pair[0], Kernel));
        Near(there.Unbiased, back.Unbiased, there);
        Near(there.Biased, back.Biased, there);
    });

    [Property]
    public Property The_biased_one_is_zero_between_a_set_and_itself() => Prop.ForAll(Pairs, pair =>
        Near(0, KernelDistance.Between(pair[0], pair[0], Kernel).Biased, default));

    [Property]
    public Property The_biased_one_is_not_negative() => Prop.ForAll(Pairs, pair =>
        Assert.True(KernelDistance.Between(pair[0], pair[1], Kernel).Biased > -1e-9));

    [Property]
    public Property A_linear_kernel_gives_the_squared_distance_of_the_means() => Prop.ForAll(Pairs, pair =>
    {
        var linear = new PolynomialKernel(Degree: 1, Offset: 0, Gamma: 1);
        var (a, b) = (FeatureStatistics.Of(pair[0]).Mean.ToArray(), FeatureStatistics.Of(pair[1]).Mean.ToArray());
        Near(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum(), KernelDistance.Between(pair[0], pair[1], linear).Biased, default);
    });

    [Property]
    public Property The_order_of_vectors_does_not_matter() => Prop.ForAll(Pairs, pair =>
    {
        var reversed = pair[0].Pick([.. Enumerable.Range(0, pair[0].Count).Reverse()]);
        var expected = KernelDistance.Between(pair[0], pair[1], Kernel);
        Near(expected.Unbiased, KernelDistance.Between(reversed, pair[1], Kernel).Unbiased, expected);
    });

    [Fact]
    public void More_vectors_than_one_block_give_the_plain_double_sum()
    {
        var (x, y) = (new FeatureMatrix(2, Reference.Formula.Symmetric("kid x", 2 * 600)),
            new FeatureMatrix(2, Reference.Formula.Symmetric("kid y", 2 * 300)));
        double Mean(FeatureMatrix a, FeatureMatrix b, bool withSelf)
        {
            var (sum, pairs) = (0.0, 0);
            for (var i = 0; i < a.Count; i++)
                for (var j = 0; j < b.Count; j++)
                    if (withSelf || i != j)
                        (sum, pairs) = (sum + Pow((a.Row(i)[0] * b.Row(j)[0] + a.Row(i)[1] * b.Row(j)[1]) / 2 + 1, 3), pairs + 1);
            return sum / pairs;
        }
        var distance = KernelDistance.Between(x, y, Kernel);
        Assert.Equal(Mean(x, x, false) + Mean(y, y, false) - 2 * Mean(x, y, true), distance.Unbiased, 1e-11);
        Assert.Equal(Mean(x, x, true) + Mean(y, y, true) - 2 * Mean(x, y, true), distance.Biased, 1e-11);
    }

    [Fact]
    public void Subsets_are_those_that_NumPy_would_draw()
    {
        // numpy.random.RandomState(0).permutation(10), and (42): the beginning of a permutation is what choice(replace=False) returns.
        Assert.Equal([2, 8, 4, 9, 1, 6, 7, 3, 0, 5], new KernelSubsets(1, 10, Seed: 0).Draw(10, 10).Single().First.ToArray());
        Assert.Equal([8, 1, 5, 0, 7, 2, 9, 4, 3, 6], new KernelSubsets(1, 10, Seed: 42).Draw(10, 10).Single().First.ToArray());
    }

    [Property]
    public Property Subsets_hold_distinct_indices_of_both_sets() => Prop.ForAll(
        (from size in Gen.Choose(1, 20) from first in Gen.Choose(size, 900) from second in Gen.Choose(size, 900) select (
            size, first, second)).ToArbitrary(),
        sizes => Assert.All(new KernelSubsets(3, sizes.size).Draw(sizes.first, sizes.second), pair =>
        {
            Assert.Equal((sizes.size, sizes.size), (pair.First.ToArray().Distinct().Count(), pair.Second.ToArray().Distinct().Count()));
            Assert.All(pair.First.ToArray(), index => Assert.InRange(index, 0, sizes.first - 1));
            Assert.All(pair.Second.ToArray(), index => Assert.InRange(index, 0, sizes.second - 1));
        }));

    [Fact]
    public void A_subset_larger_than_a_set_is_refused() =>
        Assert.Contains("1000", Assert.Throws<ArgumentException>(() => new KernelSubsets().Draw(999, 5000)).Message);

    [Fact]
    public void One_vector_has_no_distance() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => KernelDistance.Between(new FeatureMatrix(1, [1]), new FeatureMatrix(1, [1, 2]), Kernel));

    private static Arbitrary<FeatureMatrix[]> Pairs => FeatureArbitraries.Sets(2, fewest: 2);

    private static void Near(double expected, double actual, KernelDistance scale) =>
        Assert.True(Abs(actual - expected) <= Tolerance * (1000 + Abs(scale.Biased)), $"{actual} instead of {expected}");
}
