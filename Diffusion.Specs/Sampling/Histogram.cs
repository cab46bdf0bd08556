using Diffusion.Math.Numerics;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

/// <summary>The shares of points in the cells of an even grid over [−2, 2] in every dimension, with all else as one more cell.</summary>
public sealed record Histogram(int Side, double[] Shares)
{
    private const double Edge = 2;

    public static Histogram Of(MixtureWorld world, double[] points)
    {
        var side = world.Dimensions == 1 ? 64 : 32;
        var shares = new double[(int)Pow(side, world.Dimensions) + 1];
        foreach (var point in points.Chunk(world.Dimensions))
            shares[CellOf(point, side)] += (double)world.Dimensions / points.Length;
        return new(side, shares);
    }

    /// <summary>Half the summed differences between the shares and the exact probabilities of the cells.</summary>
    public double Variation(MixtureWorld world)
    {
        var expected = new double[Shares.Length];
        for (var cell = 0; cell < Shares.Length - 1; cell++)
            expected[cell] = world.Blobs.Sum(blob => blob.Weight * Mass(blob, cell));
        expected[^1] = 1 - expected.Sum();
        return Shares.Zip(expected, (found, exact) => Abs(found - exact)).Sum() / 2;
    }

    private static int CellOf(double[] point, int side)
    {
        var cell = 0;
        foreach (var value in point)
        {
            var index = (int)Floor((value + Edge) / (2 * Edge) * side);
            if (index < 0 || index >= side)
                return (int)Pow(side, point.Length);
            cell = cell * side + index;
        }
        return cell;
    }

    private double Mass(Blob blob, int cell)
    {
        var mass = 1.0;
        for (var axis = blob.Centre.Count - 1; axis >= 0; axis--, cell /= Side)
        {
            double Below(int edge) => StandardNormal.Cumulative((edge * 2 * Edge / Side - Edge - blob.Centre[axis]) / blob.Sigma);
            mass *= Below(cell % Side + 1) - Below(cell % Side);
        }
        return mass;
    }
}
