using Diffusion.Math.Evaluation;
using Diffusion.Math.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace Diffusion.Specs.Evaluation;

public sealed class FrechetDistanceSpecs
{
    private const double Tolerance = 1e-9;

    // √λ of an eigenvalue that should be 0 turns a rounding of 1e-16 into 1e-8.
    private const double SingularTolerance = 1e-6;

    [Property]
    public Property It_is_symmetric() => Prop.ForAll(Pairs, pair =>
    {
        var (a, b) = (Fit(pair[0]), Fit(pair[1]));
        Near(FrechetDistance.Between(a, b).Value, FrechetDistance.Between(b, a).Value, SingularTolerance);
    });

    [Property]
    public Property It_is_zero_between_a_set_and_itself() => Prop.ForAll(Pairs, pair =>
        Near(0, FrechetDistance.Between(Fit(pair[0]), Fit(pair[0])).Value, SingularTolerance));

    [Property]
    public Property It_is_not_negative() => Prop.ForAll(Pairs, pair =>
        Assert.True(FrechetDistance.Between(Fit(pair[0]), Fit(pair[1])).Value > -SingularTolerance));

    [Property]
    public Property A_rotation_of_both_sets_changes_nothing() => Prop.ForAll(Pairs, pair =>
    {
        var rotation = Rotation(pair[0].Dimension);
        var turned = pair.Select(set => Turn(set, rotation)).ToArray();
        Near(FrechetDistance.Between(Fit(pair[0]), Fit(pair[1])).Value,
            FrechetDistance.Between(Fit(turned[0]), Fit(turned[1])).Value, SingularTolerance);
    });

    [Property]
    public Property A_shift_of_one_set_adds_its_squared_length() => Prop.ForAll(Pairs, pair =>
    {
        var shifted = FeatureArbitraries.Shift(pair[0], 0.5);
        Near(0.25 * pair[0].Dimension, FrechetDistance.Between(Fit(pair[0]), Fit(shifted)).Value, SingularTolerance);
    });

    [Property]
    public Property Scaling_both_sets_scales_it_by_the_square() => Prop.ForAll(Pairs, pair =>
    {
        var scaled = pair.Select(set => new FeatureMatrix(set.Dimension, [.. FeatureArbitraries.Values(set).Select(value => 3 * value)]));
        Near(9 * FrechetDistance.Between(Fit(pair[0]), Fit(pair[1])).Value,
            FrechetDistance.Between(Fit(scaled.First()), Fit(scaled.Last())).Value, SingularTolerance);
    });

    [Property]
    public Property The_coupling_term_is_the_nuclear_norm_of_the_product_of_the_centred_features() => Prop.ForAll(Pairs, pair =>
    {
        // Tr (AᵀA BᵀB)^½ = ‖A Bᵀ‖*, for any rank: MathNet's singular values know nothing of our eigenvalues.
        var (a, b) = (Centred(pair[0]), Centred(pair[1]));
        Near((a * b.Transpose())
            .Svd(computeVectors: false).S.Sum(), RootTrace.Of(Fit(pair[0]).Covariance, Fit(pair[1]).Covariance).Value, SingularTolerance);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(20)]
    public void The_coupling_term_is_the_trace_of_MathNets_matrix_square_root(int dimension)
    {
        var (first, second) = (Covariance(dimension, "first"), Covariance(dimension, "second"));
        // Denman and Beavers' iteration for the square root of the unsymmetric product itself.
        var (root, inverse) = (ToMathNet(first) * ToMathNet(second), Matrix<double>.Build.DenseIdentity(dimension));
        for (var i = 0; i < 30; i++)
            (root, inverse) = (0.5 * (root + inverse.Inverse()), 0.5 * (inverse + root.Inverse()));
        Near(root.Trace(), RootTrace.Of(first, second).Value, Tolerance);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(40)]
    public void Eigenvalues_are_those_of_MathNet(int dimension)
    {
        var matrix = Covariance(dimension, "eigen");
        var expected = ToMathNet(matrix).Evd(Symmetricity.Symmetric).EigenValues.Real().Order();
        foreach (var (left, right) in expected.Zip(SymmetricEigenvalues.Of(matrix)))
            Near(left, right, Tolerance);
    }

    [Fact]
    public void Eigenvalues_of_a_diagonal_are_its_entries_in_order() =>
        Assert.Equal([-2, 0, 0, 1, 7], SymmetricEigenvalues.Of(SymmetricMatrix.Diagonal(0, 7, -2, 1, 0)));

    [Fact]
    public void Eigenvalues_of_a_matrix_of_ones_are_its_dimension_and_zeros()
    {
        var values = SymmetricEigenvalues.Of(SymmetricMatrix.Of(6, [.. Enumerable.Repeat(1.0, 36)]));
        Near(6, values[^1], Tolerance);
        Assert.All(values[..^1], value => Near(0, value, Tolerance));
    }

    [Fact]
    public void Negative_eigenvalues_are_taken_as_zero_and_reported()
    {
        var root = RootTrace.FromEigenvalues([4, -0.25, 9]);
        Assert.Equal((5.0, 0.5), (root.Value, root.Clamped));
    }

    [Fact]
    public void A_covariance_of_zeros_has_no_coupling() =>
        Assert.Equal(default, RootTrace.Of(SymmetricMatrix.Zero(3), SymmetricMatrix.Diagonal(1, 2, 3)));

    [Fact]
    public void Features_of_other_dimensions_have_no_distance() =>
        Assert.Contains("2 and 3", Assert.Throws<ArgumentException>(() => FrechetDistance.Between(
            new NormalFit([0, 0], SymmetricMatrix.Zero(2)), new NormalFit([0, 0, 0], SymmetricMatrix.Zero(3)))).Message);

    private static Arbitrary<FeatureMatrix[]> Pairs => FeatureArbitraries.Sets(2, fewest: 2);

    private static NormalFit Fit(FeatureMatrix features) => FeatureStatistics.Of(features).Fit();

    // A Aᵀ + 1/10 of numbers that are the same in every run.
    private static SymmetricMatrix Covariance(int dimension, string key)
    {
        var a = Matrix<double>.Build.DenseOfRowMajor(
            dimension, dimension, Reference.Formula.Symmetric($"{key}:{dimension}", dimension * dimension));
        var covariance = a * a.Transpose() + 0.1 * Matrix<double>.Build.DenseIdentity(dimension);
        return SymmetricMatrix.Of(dimension, covariance.ToRowMajorArray());
    }

    private static Matrix<double> Centred(FeatureMatrix features)
    {
        var mean = FeatureStatistics.Of(features).Mean.ToArray();
        return Matrix<double>.Build.Dense(features.Count, features.Dimension, (row, column) =>
            (features.Row(row)[column] - mean[column]) / Sqrt(features.Count - 1));
    }

    private static Matrix<double> Rotation(int dimension) => Matrix<double>.Build
        .DenseOfRowMajor(dimension, dimension, Reference.Formula.Symmetric($"rotation:{dimension}", dimension * dimension)).QR().Q;

    private static FeatureMatrix Turn(FeatureMatrix features, Matrix<double> rotation) => new(features.Dimension,
        (Matrix<double>.Build.Dense(features.Count, features.Dimension, (row, column) => features.Row(row)[column]) * rotation)
            .ToRowMajorArray());

    private static Matrix<double> ToMathNet(SymmetricMatrix matrix) =>
        Matrix<double>.Build.DenseOfRowMajor(matrix.Dimension, matrix.Dimension, matrix.Values.ToArray());

    private static void Near(double expected, double actual, double tolerance) =>
        Assert.True(Abs(actual - expected) <= tolerance * Max(1, Abs(expected)), $"{actual} instead of {expected}");
}
