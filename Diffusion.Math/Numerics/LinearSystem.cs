namespace Diffusion.Math.Numerics;

/// <summary>Small systems of linear equations.</summary>
internal static class LinearSystem
{
    /// <summary>Gauss's elimination with the largest pivot.</summary>
    /// <param name="matrix">n rows of n coefficients and the right-hand side; overwritten.</param>
    public static double[] Solve(double[,] matrix)
    {
        var count = matrix.GetLength(0);
        for (var column = 0; column < count; column++)
        {
            var pivot = Enumerable.Range(column, count - column).MaxBy(row => Abs(matrix[row, column]));
            for (var entry = column; entry <= count; entry++)
                (matrix[column, entry], matrix[pivot, entry]) = (matrix[pivot, entry], matrix[column, entry]);
            for (var row = column + 1; row < count; row++)
            {
                var factor = matrix[row, column] / matrix[column, column];
                for (var entry = column; entry <= count; entry++)
                    matrix[row, entry] -= factor * matrix[column, entry];
            }
        }
        var solution = new double[count];
        for (var row = count - 1; row >= 0; row--)
        {
            var rest = matrix[row, count];
            for (var column = row + 1; column < count; column++)
                rest -= matrix[row, column] * solution[column];
            solution[row] = rest / matrix[row, row];
        }
        return solution;
    }
}
