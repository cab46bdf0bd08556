using Diffusion.Math.Numerics;

namespace Diffusion.Math.Evaluation;

/// <summary>Computes Tr (Σ1 Σ2)^½ of two covariances; a tensor library may do it faster than <see cref="RootTrace.Of"/>.</summary>
public delegate RootTrace RootTraceFunction(SymmetricMatrix first, SymmetricMatrix second);

/// <summary>Tr (Σ1 Σ2)^½, the term of the Fréchet distance that couples the two covariances.</summary>
/// <param name="Value">Σ √λ over the eigenvalues λ of Σ1 Σ2.</param>
/// <param name="Clamped">Σ √|λ| over the negative ones, which only rounding can make and which are taken as 0. In the unit of
/// Value.</param>
/// <remarks>
/// With Σ1 = L Lᵀ the eigenvalues of Σ1 Σ2 are those of the symmetric Lᵀ Σ2 L: real, and not negative but for rounding. No square
/// root of an unsymmetric matrix is taken, so a singular covariance needs no offset and gives no complex numbers.
/// </remarks>
public readonly record struct RootTrace(double Value, double Clamped)
{
    // A pivot this small, relative to the largest variance and the dimension, is rounding: the rest of the matrix is numerically 0.
    private const double NegligiblePivot = 1e-16;

    /// <summary>The trace in plain C#, for covariances of any rank.</summary>
    /// <exception cref="ArgumentException">The two differ in dimension.</exception>
    public static RootTrace Of(SymmetricMatrix first, SymmetricMatrix second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Dimension != second.Dimension)
            throw new ArgumentException($"Dimensions {first.Dimension} and {second.Dimension} differ.", nameof(second));
        var factor = PivotedCholesky(first);
        return factor.Count == 0 ? default : FromEigenvalues(SymmetricEigenvalues.Of(Congruence(second, factor)));
    }

    /// <summary>Sums the square roots of <paramref name="eigenvalues"/> of Σ1 Σ2.</summary>
    public static RootTrace FromEigenvalues(ReadOnlySpan<double> eigenvalues)
    {
        var (value, clamped) = (0.0, 0.0);
        foreach (var eigenvalue in eigenvalues)
            if (eigenvalue > 0)
                value += Sqrt(eigenvalue);
            else
                clamped += Sqrt(-eigenvalue);
        return new(value, clamped);
    }

    // The columns of L, longest first; as many as the rank of the matrix.
    private static List<double[]> PivotedCholesky(SymmetricMatrix matrix)
    {
        var d = matrix.Dimension;
        var remaining = Enumerable.Range(0, d).Select(i => matrix[i, i]).ToArray();
        var negligible = NegligiblePivot * d * remaining.Max();
        var columns = new List<double[]>();
        while (columns.Count < d)
        {
            var pivot = Array.IndexOf(remaining, remaining.Max());
            if (!(remaining[pivot] > negligible))
                break;
            var column = matrix.Row(pivot).ToArray();
            foreach (var earlier in columns)
                Vectors.AddScaled(column, -earlier[pivot], earlier);
            var root = Sqrt(remaining[pivot]);
            for (var i = 0; i < d; i++)
            {
                // What is left of a row once chosen is exactly 0, whatever the rounding.
                column[i] = double.IsNegativeInfinity(remaining[i]) ? 0 : column[i] / root;
                remaining[i] -= column[i] * column[i];
            }
            remaining[pivot] = double.NegativeInfinity;
            columns.Add(column);
        }
        return columns;
    }

    // Lᵀ M L.
    private static SymmetricMatrix Congruence(SymmetricMatrix matrix, List<double[]> columns)
    {
        var (d, rank) = (matrix.Dimension, columns.Count);
        var result = new double[rank * rank];
        var image = new double[d];
        for (var j = 0; j < rank; j++)
        {
            for (var i = 0; i < d; i++)
                image[i] = Vectors.Dot(matrix.Row(i), columns[j]);
            for (var i = 0; i <= j; i++)
                result[i * rank + j] = result[j * rank + i] = Vectors.Dot(columns[i], image);
        }
        return SymmetricMatrix.Adopt(rank, result);
    }
}
