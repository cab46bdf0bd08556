using System.Runtime.InteropServices;
using Diffusion.Math.Evaluation;
using Diffusion.Math.Numerics;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Networks;
using static TorchSharp.torch;

namespace Diffusion.Specs.Evaluation;

/// <summary>What is computed on tensors is what Math computes on numbers.</summary>
public sealed class EvaluationOnTensorsSpecs
{
    private const double Tolerance = 1e-12;
    private const double SingularTolerance = 1e-6;

    [Property]
    public Property Moments_folded_in_batches_are_the_statistics_of_the_whole() => Prop.ForAll(FeatureArbitraries.Sets(3), sets =>
    {
        using var scope = NewDisposeScope();
        using var moments = new FeatureAccumulator(sets[0].Dimension);
        foreach (var set in sets)
            moments.Add(ToTensor(set));
        var (expected, actual) = (FeatureStatistics.Of(FeatureArbitraries.Join(sets)), moments.ToStatistics());
        Assert.Equal(expected.Count, actual.Count);
        AllNear(expected.Mean, actual.Mean, Tolerance);
        AllNear(expected.Scatter.Values, actual.Scatter.Values, 100 * Tolerance);
    });

    [Property]
    public Property Products_distances_and_picks_agree() => Prop.ForAll(FeatureArbitraries.Sets(2, fewest: 2), sets =>
    {
        using var scope = NewDisposeScope();
        var (a, b) = (sets[0], sets[1]);
        using var first = new FeatureVectors(ToTensor(a));
        using var second = new FeatureVectors(ToTensor(b));
        Assert.Equal((a.Count, a.Dimension), (first.Count, first.Dimension));
        foreach (var start in new[] { 0, 1 })
        {
            var (expected, actual) = (new double[(a.Count - start) * b.Count], new double[(a.Count - start) * b.Count]);
            a.Products(start, b, expected);
            first.Products(start, second, actual);
            AllNear(expected, actual, 100 * Tolerance);
            a.SquaredDistances(start, b, expected);
            first.SquaredDistances(start, second, actual);
            AllNear(expected, actual, 1000 * Tolerance);
        }
        using var picked = first.Pick([1, 0, 1]);
        var (left, right) = (new double[3 * b.Count], new double[3 * b.Count]);
        a.Pick([1, 0, 1]).Products(0, b, left);
        picked.Products(0, second, right);
        AllNear(left, right, 100 * Tolerance);
    });

    [Property]
    public Property The_coupling_term_agrees_for_any_rank() => Prop.ForAll(FeatureArbitraries.Sets(2, fewest: 2), sets =>
    {
        var (a, b) = (FeatureStatistics.Of(sets[0]).Fit().Covariance, FeatureStatistics.Of(sets[1]).Fit().Covariance);
        var (expected, actual) = (RootTrace.Of(a, b).Value, Spectrum.RootTrace(a, b).Value);
        Assert.InRange(actual, expected - SingularTolerance * (1 + expected), expected + SingularTolerance * (1 + expected));
    });

    [Fact]
    public void A_covariance_of_zeros_has_no_coupling()
    {
        Assert.Equal(0, Spectrum.RootTrace(SymmetricMatrix.Zero(3), SymmetricMatrix.Diagonal(1, 2, 3)).Value);
        Assert.Equal(0, Spectrum.RootTrace(SymmetricMatrix.Diagonal(1, 2, 3), SymmetricMatrix.Zero(3)).Value);
    }

    [Fact]
    public void Moments_refuse_features_that_are_not_finite()
    {
        using var scope = NewDisposeScope();
        using var moments = new FeatureAccumulator(2);
        Assert.Contains("1 are not finite", Assert.Throws<NotFiniteNumberException>(
            () => moments.Add(tensor(new[] { 1.0, 2, double.NaN, 4 }).view(2, 2))).Message);
        Assert.Equal(0, moments.Count);
    }

    private static Tensor ToTensor(FeatureMatrix features)
    {
        var tensor = empty(features.Count, features.Dimension, float64);
        MemoryMarshal.AsBytes(features.Values).CopyTo(tensor.bytes);
        return tensor;
    }

    private static void AllNear(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(actual[i] - expected[i], -tolerance * (1 + Abs(expected[i])), tolerance * (1 + Abs(expected[i])));
    }
}
