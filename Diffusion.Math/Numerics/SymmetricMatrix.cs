using System.Collections.Immutable;

namespace Diffusion.Math.Numerics;

/// <summary>A real symmetric matrix with value equality: a covariance or a scatter.</summary>
public sealed class SymmetricMatrix : IEquatable<SymmetricMatrix>
{
    // The furthest that two mirrored entries may lie apart, relative to the largest entry, and still be rounding.
    private const double AsymmetryTolerance = 1e-6;

    private readonly ImmutableArray<double> _values;

    private SymmetricMatrix(int dimension, ImmutableArray<double> values) => (Dimension, _values) = (dimension, values);

    /// <summary>Number of rows, which is the number of columns. At least 1.</summary>
    public int Dimension { get; }

    /// <summary>The entry in a row and a column, both counted from 0.</summary>
    public double this[int row, int column] => _values[row * Dimension + column];

    /// <summary>All entries, row by row.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan();

    /// <summary>One row; also, by symmetry, one column.</summary>
    public ReadOnlySpan<double> Row(int row) => _values.AsSpan().Slice(row * Dimension, Dimension);

    /// <summary>The sum of the diagonal.</summary>
    public double Trace
    {
        get
        {
            var sum = 0.0;
            for (var i = 0; i < Dimension; i++)
                sum += this[i, i];
            return sum;
        }
    }

    /// <summary>The matrix whose entries are all 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimension"/> is below 1.</exception>
    public static SymmetricMatrix Zero(int dimension) => Adopt(dimension, new double[Cells(dimension)]);

    /// <summary>A matrix with the given diagonal and 0 elsewhere.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="diagonal"/> is empty.</exception>
    public static SymmetricMatrix Diagonal(params ReadOnlySpan<double> diagonal)
    {
        var values = new double[Cells(diagonal.Length)];
        for (var i = 0; i < diagonal.Length; i++)
            values[i * diagonal.Length + i] = diagonal[i];
        return Checked(diagonal.Length, values);
    }

    /// <summary>
    /// Copies <paramref name="values"/>, row by row; entries that differ from their mirror image by rounding are averaged.
    /// </summary>
    /// <exception cref="ArgumentException">Not dimension² values, a value that is not finite, or a matrix that is not
    /// symmetric.</exception>
    public static SymmetricMatrix Of(int dimension, ReadOnlySpan<double> values)
    {
        if (values.Length != Cells(dimension))
            throw new ArgumentException($"{dimension}x{dimension} entries expected, {values.Length} given.", nameof(values));
        return Checked(dimension, values.ToArray());
    }

    /// <summary>Every entry multiplied by <paramref name="factor"/>.</summary>
    public SymmetricMatrix Scale(double factor)
    {
        var values = new double[_values.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = _values[i] * factor;
        return Adopt(Dimension, values);
    }

    /// <inheritdoc/>
    public bool Equals(SymmetricMatrix? other) => other is not null && Dimension == other.Dimension && Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SymmetricMatrix);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Dimension, _values[0], Trace);

    /// <summary>Takes ownership of values that are finite and symmetric by construction.</summary>
    internal static SymmetricMatrix Adopt(int dimension, double[] values) =>
        new(dimension, System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(values));

    private static int Cells(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        return checked(dimension * dimension);
    }

    private static SymmetricMatrix Checked(int dimension, double[] values)
    {
        var largest = 0.0;
        foreach (var value in values)
            largest = double.IsFinite(value) ? Max(largest, Abs(value)) : throw new ArgumentException($"The matrix holds {value}.");
        for (var i = 0; i < dimension; i++)
            for (var j = 0; j < i; j++)
            {
                var (below, above) = (values[i * dimension + j], values[j * dimension + i]);
                if (Abs(below - above) > AsymmetryTolerance * largest)
                    throw new ArgumentException($"The matrix is not symmetric: {below} at [{i}, {j}], {above} at [{j}, {i}].");
                values[i * dimension + j] = values[j * dimension + i] = 0.5 * (below + above);
            }
        return Adopt(dimension, values);
    }
}
