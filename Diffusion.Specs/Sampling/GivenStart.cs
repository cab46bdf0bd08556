using Diffusion.Math.Numerics;
using Diffusion.Math.Plans;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

/// <summary>The given start, and seeded noise after it.</summary>
public sealed record GivenStart(double[] Start) : INoiseSource<double[]>
{
    public double[] Draw(int number) => number == 0 ? Start : new NumberNoise(new Seed(1), Start.Length).Draw(number);

    /// <summary>Start noise without chance on the line: the quantiles of the normal distribution at the middles of equal shares.</summary>
    public static GivenStart Quantiles(int count) =>
        new([.. Enumerable.Range(0, count).Select(index => StandardNormal.Quantile((index + 0.5) / count))]);

    /// <summary>Start noise without chance in the plane: every pair of quantiles.</summary>
    public static GivenStart Grid(int side)
    {
        var quantiles = Quantiles(side).Start;
        return new([.. quantiles.SelectMany(_ => quantiles, (x, y) => (x, y)).SelectMany(pair => new[] { pair.x, pair.y })]);
    }
}
