using Diffusion.Math.Predictions;

namespace Diffusion.Math.Plans;

/// <summary>What the interpreter needs of the things a plan is run on: numbers in a proof, tensors in a run.</summary>
/// <typeparam name="T">The vectors; operations return new ones and change none.</typeparam>
public interface IVectorSpace<T>
{
    /// <summary>Σ weight·vector; there is at least one summand.</summary>
    T Combine(ReadOnlySpan<Weighted<T>> terms);

    /// <summary>Every number limited to [−<paramref name="bound"/>, <paramref name="bound"/>].</summary>
    T Clip(T vector, double bound);

    /// <summary>
    /// Dynamic thresholding, each sample of a batch by itself: with s the given quantile of the sample's absolute numbers, itself limited
    /// to [1, Ceiling], every number is limited to [−s, s] and divided by s. Saharia et al. 2022, "Photorealistic text-to-image diffusion
    /// models with deep language understanding", Section 2.3.
    /// </summary>
    T Threshold(T vector, Quantile quantile);

    /// <summary>Σ weight·vector, where the weights of each sample of a batch follow from its own part of the vectors.</summary>
    T Weigh(ReadOnlySpan<T> vectors, SampleRule rule);

    /// <summary>Number by number, vector·exp((1 − fraction)·AtZero + fraction·AtOne).</summary>
    T Modulate(T vector, T fraction, LogRange range);
}

/// <summary>A vector and its scalar weight.</summary>
/// <param name="Weight">The weight.</param>
/// <param name="Vector">The vector.</param>
/// <typeparam name="T">The vectors.</typeparam>
public readonly record struct Weighted<T>(double Weight, T Vector);
