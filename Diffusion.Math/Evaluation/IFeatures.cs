namespace Diffusion.Math.Evaluation;

/// <summary>A set of feature vectors that can be picked from and multiplied: numbers here, tensors where there are many.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface IFeatures<TSelf>
    where TSelf : IFeatures<TSelf>
{
    /// <summary>Number of vectors.</summary>
    int Count { get; }

    /// <summary>Length of a vector.</summary>
    int Dimension { get; }

    /// <summary>The vectors at <paramref name="indices"/>, in that order.</summary>
    TSelf Pick(ReadOnlySpan<int> indices);

    /// <summary>Inner products of vectors <paramref name="first"/>, first + 1, ... with all vectors of <paramref name="others"/>.</summary>
    /// <param name="first">Index of the first vector.</param>
    /// <param name="others">The vectors to multiply by.</param>
    /// <param name="products">Receives one row of others.Count numbers for each vector; its length says how many vectors.</param>
    void Products(int first, TSelf others, Span<double> products);

    /// <summary>Squared distances, laid out as <see cref="Products"/> does.</summary>
    void SquaredDistances(int first, TSelf others, Span<double> distances);
}
