using Diffusion.Math.Evaluation;
using Diffusion.Math.Numerics;

namespace Diffusion.Specs.Evaluation;

public sealed class FeatureStatisticsSpecs
{
    private const double Tolerance = 1e-11;

    [Property]
    public Property Merging_is_associative() => Prop.ForAll(Triples, triple =>
    {
        var (a, b, c) = (FeatureStatistics.Of(triple[0]), FeatureStatistics.Of(triple[1]), FeatureStatistics.Of(triple[2]));
        AssertNear(a.Merge(b).Merge(c), a.Merge(b.Merge(c)));
    });

    [Property]
    public Property Merging_is_commutative_to_the_last_digits() => Prop.ForAll(Triples, triple =>
    {
        var (a, b) = (FeatureStatistics.Of(triple[0]), FeatureStatistics.Of(triple[1]));
        AssertNear(a.Merge(b), b.Merge(a));
    });

    [Property]
    public Property No_vectors_are_the_unit() => Prop.ForAll(Triples, triple =>
    {
        var (a, nothing) = (FeatureStatistics.Of(triple[0]), FeatureStatistics.Empty(triple[0].Dimension));
        Assert.Equal(a, a.Merge(nothing));
        Assert.Equal(a, nothing.Merge(a));
    });

    [Property]
    public Property Batches_folded_one_by_one_equal_the_whole_set() => Prop.ForAll(Triples, triple =>
    {
        var whole = FeatureStatistics.Of(FeatureArbitraries.Join(triple));
        AssertNear(whole, triple.Select(FeatureStatistics.Of).Aggregate((left, right) => left.Merge(right)));
    });

    [Property]
    public Property A_common_offset_moves_the_mean_and_leaves_the_scatter() => Prop.ForAll(Triples, triple =>
    {
        // Large against the spread: a sum of squares minus a square of sums would lose every digit here.
        const double Offset = 1e6;
        var (near, far) = (FeatureStatistics.Of(triple[0]), FeatureStatistics.Of(FeatureArbitraries.Shift(triple[0], Offset)));
        var rounding = 1e-9 * Offset * Max(1, triple[0].Count);
        foreach (var (left, right) in near.Scatter.Values.ToArray().Zip(far.Scatter.Values.ToArray()))
            Assert.InRange(right - left, -rounding, rounding);
    });

    [Fact]
    public void The_covariance_is_the_textbook_one()
    {
        var statistics = FeatureStatistics.Of(new FeatureMatrix(2, [1, 2, 3, 6, 5, 1]));
        Assert.Equal([3, 3], statistics.Mean);
        Assert.Equal(SymmetricMatrix.Of(2, [4, -1, -1, 7]), statistics.Fit().Covariance);
        Assert.Equal(statistics.Scatter.Scale(1.0 / 3), statistics.Fit(Divisor.Count).Covariance);
        Assert.Equal((3L, Divisor.Count), (statistics.Fit(Divisor.Count).Count, statistics.Fit(Divisor.Count).Divisor));
    }

    [Fact]
    public void One_vector_has_no_unbiased_covariance() =>
        Assert.Contains("1 feature vectors", Assert.Throws<InvalidOperationException>(
            () => FeatureStatistics.Of(new FeatureMatrix(2, [1, 2])).Fit()).Message);

    [Fact]
    public void Features_of_other_dimensions_do_not_merge() =>
        Assert.Contains("dimension 3", Assert.Throws<ArgumentException>(
            () => FeatureStatistics.Empty(2).Merge(FeatureStatistics.Empty(3))).Message);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_feature_that_is_not_finite_is_refused(double value) =>
        Assert.Contains($"{value}", Assert.Throws<ArgumentException>(() => new FeatureMatrix(1, [1, value])).Message);

    [Fact]
    public void Values_that_fill_no_whole_vector_are_refused() =>
        Assert.Throws<ArgumentException>(() => new FeatureMatrix(2, [1, 2, 3]));

    [Fact]
    public void A_matrix_that_is_not_symmetric_is_refused() =>
        Assert.Contains("[1, 0]", Assert.Throws<ArgumentException>(() => SymmetricMatrix.Of(2, [1, 2, 3, 1])).Message);

    [Fact]
    public void A_matrix_that_is_not_finite_is_refused() =>
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => SymmetricMatrix.Of(1, [double.NaN])).Message);

    [Fact]
    public void A_negative_variance_is_refused() =>
        Assert.Contains("feature 1 is -2", Assert.Throws<ArgumentException>(
            () => new NormalFit([0, 0], SymmetricMatrix.Diagonal(1, -2))).Message);

    [Fact]
    public void A_mean_of_another_length_is_refused() =>
        Assert.Throws<ArgumentException>(() => new NormalFit([0, 0, 0], SymmetricMatrix.Diagonal(1, 2)));

    private static Arbitrary<FeatureMatrix[]> Triples => FeatureArbitraries.Sets(3);

    private static void AssertNear(FeatureStatistics expected, FeatureStatistics actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (left, right) in expected.Mean.ToArray().Zip(actual.Mean.ToArray()))
            Assert.InRange(right - left, -Tolerance, Tolerance);
        foreach (var (left, right) in expected.Scatter.Values.ToArray().Zip(actual.Scatter.Values.ToArray()))
            Assert.InRange(right - left, -Tolerance * expected.Count, Tolerance * expected.Count);
    }
}
