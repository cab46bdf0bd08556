using System.Collections.Immutable;
using Diffusion.Math.Evaluation;
using Diffusion.Model.FeatureNetworks;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>
/// One pass of images through a feature network, which feeds every metric asked for. The one loop from images to features.
/// </summary>
/// <remarks>Memory does not grow with the number of images unless a metric keeps their vectors.</remarks>
public sealed class FeaturePass : IDisposable
{
    private readonly FeatureExtractor _extractor;
    private readonly FeatureAccumulator _statistics;
    private readonly ImmutableDictionary<Accumulation, IAccumulator> _others;

    /// <summary>A pass that has seen nothing yet.</summary>
    /// <param name="extractor">The network; not owned.</param>
    /// <param name="wanted">What is gathered beside mean and covariance.</param>
    /// <param name="count">How many images there will be.</param>
    public FeaturePass(FeatureExtractor extractor, IEnumerable<Accumulation> wanted, int count)
    {
        (_extractor, Count) = (extractor, count);
        _statistics = new(extractor.Dimension);
        _others = wanted.Distinct().ToImmutableDictionary(what => what, what => what.Begin(extractor, count));
    }

    /// <summary>How many images there will be.</summary>
    public int Count { get; }

    /// <summary>How many there were so far.</summary>
    public int Seen { get; private set; }

    /// <summary>Mean and scatter of the features so far.</summary>
    public FeatureStatistics Statistics => _statistics.ToStatistics();

    /// <summary>Takes the next images.</summary>
    /// <param name="bytes">uint8 [N, C, H, W].</param>
    /// <exception cref="InvalidOperationException">These are more images than were announced.</exception>
    public void Add(Tensor bytes) => Add([bytes], null);

    /// <summary>Takes the next images, which may differ in size.</summary>
    /// <param name="pieces">uint8 [N, C, H, W] each; at least one.</param>
    /// <param name="labels">What the images are meant to show, int64 [N] on the CPU; null where that is not known.</param>
    /// <exception cref="InvalidOperationException">These are more images than were announced.</exception>
    public void Add(IReadOnlyList<Tensor> pieces, Tensor? labels)
    {
        var count = pieces.Sum(piece => piece.shape[0]);
        if (Seen + count > Count)
            throw new InvalidOperationException($"{Count} images were announced; there are at least {Seen + count}.");
        using var scope = NewDisposeScope();
        using var features = _extractor.Extract(pieces);
        _statistics.Add(features.Values);
        foreach (var other in _others.Values)
            other.Add(features, labels);
        Seen += (int)count;
    }

    /// <summary>The result, once all images were taken.</summary>
    /// <param name="sha256">What identifies the images.</param>
    /// <exception cref="InvalidOperationException">
    /// Some announced images have not come: a distance of fewer would pass for one of all.
    /// </exception>
    /// <exception cref="ArgumentException">One image has no covariance.</exception>
    public FeatureSet Complete(string sha256) => Seen == Count
        ? FeatureSet.Of(
            _extractor.Identity, Statistics, _others.ToImmutableDictionary(part => part.Key, part => part.Value.Complete()), sha256)
        : throw new InvalidOperationException($"{Count} images were announced; there were {Seen}.");

    /// <inheritdoc/>
    public void Dispose()
    {
        _statistics.Dispose();
        foreach (var other in _others.Values)
            other.Dispose();
    }
}
