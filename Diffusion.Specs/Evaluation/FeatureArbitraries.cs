using Diffusion.Math.Evaluation;

namespace Diffusion.Specs.Evaluation;

/// <summary>Generators of feature sets: entries in [-3, 3] on a grid of a thousandth, so that a counterexample can be read.</summary>
internal static class FeatureArbitraries
{
    /// <summary>So many sets of one dimension between 1 and 5, each of 0 to 12 vectors.</summary>
    internal static Arbitrary<FeatureMatrix[]> Sets(int count, int fewest = 0) =>
        (from dimension in Gen.Choose(1, 5)
         from sets in Matrix(dimension, fewest).ArrayOf(count)
         select sets).ToArbitrary();

    /// <summary>The vectors of all sets, one set after the other.</summary>
    internal static FeatureMatrix Join(IReadOnlyList<FeatureMatrix> sets) => new(sets[0].Dimension, [.. sets.SelectMany(Values)]);

    /// <summary>The same number added to every entry.</summary>
    internal static FeatureMatrix Shift(FeatureMatrix set, double offset) =>
        new(set.Dimension, [.. Values(set).Select(value => value + offset)]);

    /// <summary>Every entry, vector after vector.</summary>
    internal static double[] Values(FeatureMatrix set) => set.Values.ToArray();

    private static Gen<FeatureMatrix> Matrix(int dimension, int fewest) =>
        from rows in Gen.Choose(fewest, 12)
        from entries in Gen.Choose(-3000, 3000).ArrayOf(rows * dimension)
        select new FeatureMatrix(dimension, [.. entries.Select(entry => entry / 1000.0)]);
}
