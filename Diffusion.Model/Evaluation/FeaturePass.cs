using System.Runtime.InteropServices;
using Diffusion.Math.Evaluation;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>One pass over images that feeds every measure asked for.</summary>
/// <remarks>Memory does not grow with the number of images unless <see cref="WantedFeatures.Vectors"/> are kept.</remarks>
public sealed class FeaturePass : IDisposable
{
    private readonly FeatureExtractor _extractor;
    private readonly FeatureMoments _moments;
    private readonly int[] _parts;
    private readonly InceptionScore[] _scores;
    private readonly List<Tensor>? _kept;

    /// <summary>A pass that has seen nothing yet.</summary>
    /// <param name="extractor">The network; not owned.</param>
    /// <param name="wanted">What the images are measured for.</param>
    /// <param name="count">How many images there will be.</param>
    public FeaturePass(FeatureExtractor extractor, WantedFeatures wanted, int count)
    {
        (_extractor, Count) = (extractor, count);
        _moments = new(extractor.Dimension);
        _parts = wanted.Score?.Fitting(count).Assign(count) ?? [];
        _scores = [.. Enumerable.Repeat(InceptionScore.Empty(extractor.Classes), _parts.Length == 0 ? 0 : _parts.Max() + 1)];
        _kept = wanted.Vectors == KeptVectors.All ? [] : null;
    }

    /// <summary>How many images there will be.</summary>
    public int Count { get; }

    /// <summary>How many there were so far.</summary>
    public int Seen { get; private set; }

    /// <summary>Takes the next images.</summary>
    /// <param name="bytes">uint8 [N, C, H, W].</param>
    /// <exception cref="InvalidOperationException">These are more images than were announced.</exception>
    public void Add(Tensor bytes) => Add([bytes]);

    /// <summary>Takes the next images, which may differ in size.</summary>
    /// <param name="pieces">uint8 [N, C, H, W] each; at least one.</param>
    /// <exception cref="InvalidOperationException">These are more images than were announced.</exception>
    public void Add(IReadOnlyList<Tensor> pieces)
    {
        var count = pieces.Sum(piece => piece.shape[0]);
        if (Seen + count > Count)
            throw new InvalidOperationException($"{Count} images were announced; there are at least {Seen + count}.");
        using var features = _extractor.Extract(pieces);
        using var scope = NewDisposeScope();
        _moments.Add(features.Values);
        if (_scores.Length > 0)
            AddScores(features.UnbiasedLogits.to(float64).cpu().contiguous());
        _kept?.Add(features.Values.cpu().DetachFromDisposeScope());
        Seen += (int)count;
    }

    /// <summary>The result, once all images were taken.</summary>
    /// <exception cref="InvalidOperationException">Some announced images have not come: a distance of fewer would pass for one of all.</exception>
    public FeatureSet Complete()
    {
        if (Seen != Count)
            throw new InvalidOperationException($"{Count} images were announced; there were {Seen}.");
        return new(_extractor.Identity, _moments.ToStatistics())
        {
            ScoreParts = _scores.Length,
            Score = _scores.Length > 0 ? Spread.Of(_scores.Select(part => part.Value)) : null,
            Vectors = _kept is null ? null : new(cat(_kept, 0)),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _moments.Dispose();
        foreach (var batch in _kept ?? [])
            batch.Dispose();
    }

    private void AddScores(Tensor logits)
    {
        var numbers = MemoryMarshal.Cast<byte, double>(logits.bytes);
        for (var row = 0; row < logits.shape[0]; row++)
        {
            ref var part = ref _scores[_parts[Seen + row]];
            part = part.Add(numbers.Slice(row * _extractor.Classes, _extractor.Classes));
        }
    }
}

/// <summary>What images are measured for, beside the Fréchet distance.</summary>
public sealed record WantedFeatures
{
    /// <summary>How an Inception Score is cut into parts; null for no score.</summary>
    public ScoreParts? Score { get; init; }

    /// <summary>Whether the feature vectors themselves are kept, for kernel distances and coverings.</summary>
    public KeptVectors Vectors { get; init; }
}

/// <summary>Which feature vectors are kept in memory.</summary>
public enum KeptVectors
{
    /// <summary>None: mean and scatter are enough.</summary>
    None,

    /// <summary>All, as float32: 8 kB for each image at 2048 features.</summary>
    All,
}

/// <summary>What is left of a set of images after a pass. It owns <see cref="Vectors"/>.</summary>
/// <param name="Extractor">What made the features.</param>
/// <param name="Statistics">Number, mean and scatter of the features.</param>
public sealed record FeatureSet(ExtractorIdentity Extractor, FeatureStatistics Statistics) : IDisposable
{
    /// <summary>The Inception Score over its parts, where it was asked for.</summary>
    public Spread? Score { get; init; }

    /// <summary>How many parts <see cref="Score"/> is the mean over; 0 where there is none.</summary>
    public int ScoreParts { get; init; }

    /// <summary>The feature vectors, where they were asked for.</summary>
    public TensorFeatures? Vectors { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Vectors?.Dispose();
}
