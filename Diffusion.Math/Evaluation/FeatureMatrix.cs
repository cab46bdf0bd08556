using System.Collections.Immutable;
using Diffusion.Math.Numerics;

namespace Diffusion.Math.Evaluation;

/// <summary>Feature vectors as plain numbers, one in each row.</summary>
public sealed class FeatureMatrix : IFeatures<FeatureMatrix>
{
    private readonly ImmutableArray<double> _values;

    /// <summary>Copies <paramref name="values"/>, vector after vector.</summary>
    /// <exception cref="ArgumentException">No whole number of vectors, or a value that is not finite.</exception>
    public FeatureMatrix(int dimension, ReadOnlySpan<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        if (values.Length % dimension != 0)
            throw new ArgumentException($"{values.Length} values are no whole number of vectors of {dimension}.", nameof(values));
        foreach (var value in values)
            if (!double.IsFinite(value))
                throw new ArgumentException($"A feature is {value}.", nameof(values));
        (Dimension, _values) = (dimension, [.. values]);
    }

    /// <inheritdoc/>
    public int Count => _values.Length / Dimension;

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <summary>All numbers, vector after vector.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan();

    /// <summary>One vector.</summary>
    public ReadOnlySpan<double> Row(int index) => _values.AsSpan().Slice(index * Dimension, Dimension);

    /// <inheritdoc/>
    public FeatureMatrix Pick(ReadOnlySpan<int> indices)
    {
        var values = new double[indices.Length * Dimension];
        for (var i = 0; i < indices.Length; i++)
            Row(indices[i]).CopyTo(values.AsSpan(i * Dimension));
        return new(Dimension, values);
    }

    /// <inheritdoc/>
    public void Products(int first, FeatureMatrix others, Span<double> products)
    {
        ArgumentNullException.ThrowIfNull(others);
        for (var i = 0; i < products.Length; i++)
            products[i] = Vectors.Dot(Row(first + i / others.Count), others.Row(i % others.Count));
    }

    /// <inheritdoc/>
    public void SquaredDistances(int first, FeatureMatrix others, Span<double> distances)
    {
        ArgumentNullException.ThrowIfNull(others);
        for (var i = 0; i < distances.Length; i++)
            distances[i] = Vectors.SquaredDistance(Row(first + i / others.Count), others.Row(i % others.Count));
    }
}
