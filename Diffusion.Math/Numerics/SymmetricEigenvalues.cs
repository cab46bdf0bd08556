namespace Diffusion.Math.Numerics;

/// <summary>Eigenvalues of a real symmetric matrix, in plain C#.</summary>
/// <remarks>
/// Householder's reduction to tridiagonal form, then the QL iteration with Wilkinson's shift. Golub and Van Loan, Matrix Computations,
/// 4th edition, sections 8.3.1 and 8.3.3. About 4/3 n³ operations; a tensor library does the same faster from a few hundred rows on.
/// </remarks>
public static class SymmetricEigenvalues
{
    // QL converges cubically; a value that needs more sweeps than this never comes.
    private const int MostSweeps = 60;

    // The spacing of doubles at 1.
    private const double UnitRoundoff = 2.220446049250313e-16;

    /// <summary>The eigenvalues in ascending order.</summary>
    /// <exception cref="ArithmeticException">The iteration did not converge.</exception>
    public static double[] Of(SymmetricMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var (diagonal, beside) = Tridiagonal(matrix);
        Iterate(diagonal, beside);
        Array.Sort(diagonal);
        return diagonal;
    }

    // beside[i] couples i and i+1; its last entry is 0.
    private static (double[] Diagonal, double[] Beside) Tridiagonal(SymmetricMatrix matrix)
    {
        var n = matrix.Dimension;
        var a = matrix.Values.ToArray();
        var (diagonal, beside, product) = (new double[n], new double[n], new double[n]);
        Span<double> Row(int row, int from) => a.AsSpan(row * n + from, n - from);

        for (var k = 0; k < n - 1; k++)
        {
            diagonal[k] = a[k * n + k];
            // Reflect the rest of row k onto its first entry: v = x - length * e1, H = 1 - v vᵀ / half with half = |v|²/2.
            var v = Row(k, k + 1);
            var norm = Sqrt(Vectors.Dot(v, v));
            var length = v[0] > 0 ? -norm : norm;
            beside[k] = length;
            var half = norm * (norm + Abs(v[0]));
            if (half == 0)
                continue;
            v[0] -= length;
            // H A H = A - v wᵀ - w vᵀ with w = p - (pᵀv / 2 half) v and p = A v / half.
            var w = product.AsSpan(k + 1);
            for (var row = k + 1; row < n; row++)
                w[row - k - 1] = Vectors.Dot(Row(row, k + 1), v) / half;
            Vectors.AddScaled(w, -Vectors.Dot(w, v) / (2 * half), v);
            for (var row = k + 1; row < n; row++)
            {
                Vectors.AddScaled(Row(row, k + 1), -v[row - k - 1], w);
                Vectors.AddScaled(Row(row, k + 1), -w[row - k - 1], v);
            }
        }
        diagonal[n - 1] = a[n * n - 1];
        return (diagonal, beside);
    }

    private static void Iterate(double[] diagonal, double[] beside)
    {
        var scale = diagonal.Max(Abs) + beside.Max(Abs);
        for (var first = 0; first < diagonal.Length; first++)
            for (var sweep = 0; ; sweep++)
            {
                var last = first;
                while (last < diagonal.Length - 1 && !IsNegligible(last))
                    last++;
                if (last == first)
                    break;
                if (sweep == MostSweeps)
                    throw new ArithmeticException($"Eigenvalue {first} of {diagonal.Length} did not converge in {MostSweeps} sweeps.");
                Sweep(diagonal, beside, first, last);
            }

        bool IsNegligible(int i) =>
            Abs(beside[i]) <= UnitRoundoff * (Abs(diagonal[i]) + Abs(diagonal[i + 1]) + UnitRoundoff * scale);
    }

    // One implicit QL sweep over the unreduced block first..last: rotations chase the bulge from the bottom up.
    private static void Sweep(double[] diagonal, double[] beside, int first, int last)
    {
        // Wilkinson's shift: the eigenvalue of the leading 2x2 block that is nearer to its first entry.
        var ratio = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]);
        var shift = diagonal[first] - beside[first] / (ratio + CopySign(Hypotenuse(ratio, 1), ratio));
        var (cosine, sine, carried) = (1.0, 1.0, 0.0);
        var bulge = diagonal[last] - shift;
        for (var i = last - 1; i >= first; i--)
        {
            var (crossed, kept) = (sine * beside[i], cosine * beside[i]);
            var radius = Hypotenuse(crossed, bulge);
            beside[i + 1] = radius;
            if (radius == 0)
            {
                // The block has split by itself: undo the part not carried out and start again.
                diagonal[i + 1] -= carried;
                beside[last] = 0;
                return;
            }
            (sine, cosine) = (crossed / radius, bulge / radius);
            var lifted = diagonal[i + 1] - carried;
            var turned = (diagonal[i] - lifted) * sine + 2 * cosine * kept;
            carried = sine * turned;
            diagonal[i + 1] = lifted + carried;
            bulge = cosine * turned - kept;
        }
        diagonal[first] -= carried;
        beside[first] = bulge;
        beside[last] = 0;
    }

    private static double Hypotenuse(double first, double second)
    {
        var (small, large) = (Min(Abs(first), Abs(second)), Max(Abs(first), Abs(second)));
        return large == 0 ? 0 : large * Sqrt(1 + small / large * (small / large));
    }
}
