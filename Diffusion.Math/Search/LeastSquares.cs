using Diffusion.Math.Numerics;
using Diffusion.Math.Values;

namespace Diffusion.Math.Search;

/// <summary>Weights of vectors whose sum comes closest to another vector.</summary>
public static class LeastSquares
{
    // Of a vector's own size: keeps to the weights that were there where the vectors do not tell.
    private const double Ridge = 1e-7;

    /// <summary>The w that make ‖Σ w_k·vector_k − target‖² + ρ·Σ ‖vector_k‖²·(w_k − usual_k)² least.</summary>
    /// <remarks>The normal equations, with a ridge of ρ = 1e-7 around the usual weights.</remarks>
    /// <param name="space">The vectors' space.</param>
    /// <param name="vectors">At least one vector.</param>
    /// <param name="usual">The weights before.</param>
    /// <param name="target">What is to be reached.</param>
    /// <typeparam name="T">The vectors.</typeparam>
    public static Sequence<double> Weights<T>(IInnerProducts<T> space, Sequence<T> vectors, Sequence<double> usual, T target)
    {
        var count = Require.NonEmpty(vectors).Count;
        var matrix = new double[count, count + 1];
        for (var row = 0; row < count; row++)
        {
            for (var column = row; column < count; column++)
                matrix[row, column] = matrix[column, row] = space.Inner(vectors[row], vectors[column]).Sum();
            matrix[row, count] = space.Inner(vectors[row], target).Sum();
        }
        for (var row = 0; row < count; row++)
        {
            // A vector of zeros keeps its weight.
            var ridge = matrix[row, row] == 0 ? 1 : Ridge * matrix[row, row];
            matrix[row, row] += ridge;
            matrix[row, count] += ridge * usual[row];
        }
        return LinearSystem.Solve(matrix).ToSequence();
    }
}
