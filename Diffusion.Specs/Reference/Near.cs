namespace Diffusion.Specs.Reference;

/// <summary>Comparisons with a peer's numbers at a named tolerance.</summary>
public static class Near
{
    /// <summary>|actual − expected| ≤ tolerance·|expected|; infinities and NaN must be equal.</summary>
    public static void Relative(IReadOnlyList<double> expected, IEnumerable<double> actual, double tolerance, string what) =>
        All(expected, actual, value => tolerance * Abs(value), what);

    /// <summary>As <see cref="Relative"/>, but never finer than the rounding of a difference of numbers near 1.</summary>
    /// <remarks>
    /// 1 − r carries the last digit of r, whatever is left of it: β = 1 − ᾱ_t/ᾱ_{t−1} from a cosine of another library, or in float32.
    /// </remarks>
    public static void RelativeOfDifference(
        IReadOnlyList<double> expected, IEnumerable<double> actual, double tolerance, double rounding, string what) =>
        All(expected, actual, value => Max(tolerance * Abs(value), rounding), what);

    /// <summary>|actual − expected| ≤ tolerance; infinities and NaN must be equal.</summary>
    public static void Absolute(IReadOnlyList<double> expected, IEnumerable<double> actual, double tolerance, string what) =>
        All(expected, actual, _ => tolerance, what);

    private static void All(IReadOnlyList<double> expected, IEnumerable<double> actual, Func<double, double> allowed, string what) =>
        Each(expected, actual, (_, value) => allowed(value), what);

    /// <summary>|actual − expected| ≤ what is allowed for the place and value; infinities and NaN must be equal.</summary>
    public static void Each(IReadOnlyList<double> expected, IEnumerable<double> actual, Func<int, double, double> allowed, string what)
    {
        double[] found = [.. actual];
        Assert.True(expected.Count == found.Length, $"{what}: {found.Length} values instead of {expected.Count}");
        for (var index = 0; index < found.Length; index++)
        {
            var (wanted, value) = (expected[index], found[index]);
            Assert.True(
                wanted.Equals(value) || Abs(value - wanted) <= allowed(index, wanted),
                FormattableString.Invariant($"{what}[{index}]: {value:R} instead of {wanted:R}, off by {value - wanted:E2}"));
        }
    }
}
