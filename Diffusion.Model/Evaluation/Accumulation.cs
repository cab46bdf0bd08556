using System.Runtime.InteropServices;
using Diffusion.Math.Evaluation;
using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Runtime;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>
/// What a pass over images gathers for a metric, beside mean and covariance. A value: metrics that gather the same share it.
/// </summary>
public abstract record Accumulation
{
    /// <summary>Whether it has to be known what each image is meant to show.</summary>
    public virtual bool NeedsLabels => false;

    /// <summary>What it is called where it is missing, such as <c>feature vectors</c>.</summary>
    public abstract string Subject { get; }

    /// <summary>Begins with no image.</summary>
    /// <param name="extractor">The network that makes the features; not owned.</param>
    /// <param name="count">How many images there will be.</param>
    public abstract IAccumulator Begin(FeatureExtractor extractor, int count);
}

/// <summary>What a pass gathers, with the type of what is left in the end.</summary>
/// <typeparam name="T">What is left; disposed with the set of features where it can be.</typeparam>
public abstract record Accumulation<T> : Accumulation
    where T : class;

/// <summary>Gathers features batch by batch.</summary>
public interface IAccumulator : IDisposable
{
    /// <summary>Takes the next images.</summary>
    /// <param name="batch">What the network says of them; not owned.</param>
    /// <param name="labels">int64 [N] on the CPU; null where they are not known.</param>
    void Add(FeatureBatch batch, Tensor? labels);

    /// <summary>What is left of all images; the caller owns it.</summary>
    object Complete();
}

/// <summary>Every feature vector, as float32: 8 kB for each image at 2048 features.</summary>
public sealed record KeptVectors : Accumulation<FeatureVectors>
{
    /// <inheritdoc/>
    public override string Subject => "feature vectors";

    /// <inheritdoc/>
    public override IAccumulator Begin(FeatureExtractor extractor, int count) => new Accumulator();

    private sealed class Accumulator : IAccumulator
    {
        private readonly List<Tensor> _kept = [];

        public void Add(FeatureBatch batch, Tensor? labels) => _kept.Add(batch.Values.cpu().clone().DetachFromDisposeScope());

        public object Complete() => new FeatureVectors(cat(_kept, 0));

        public void Dispose() => _kept.ForEach(batch => batch.Dispose());
    }
}

/// <summary>The Inception Score of each part of the images.</summary>
/// <param name="Parts">How they are cut into parts.</param>
public sealed record ScoredParts(ScoreParts Parts) : Accumulation<Sequence<InceptionScore>>
{
    /// <inheritdoc/>
    public override string Subject => "class probabilities";

    /// <inheritdoc/>
    public override IAccumulator Begin(FeatureExtractor extractor, int count) =>
        new Accumulator(Parts.Fitting(count).Assign(count), extractor.Classes);

    private sealed class Accumulator(int[] parts, int classes) : IAccumulator
    {
        private readonly InceptionScore[] _scores = [.. Enumerable.Repeat(InceptionScore.Empty(classes), parts.Max() + 1)];
        private int _seen;

        public void Add(FeatureBatch batch, Tensor? labels)
        {
            using var scope = NewDisposeScope();
            var logits = batch.UnbiasedLogits.to(float64).cpu().contiguous();
            var numbers = MemoryMarshal.Cast<byte, double>(logits.bytes);
            for (var row = 0; row < logits.shape[0]; row++)
            {
                ref var part = ref _scores[parts[_seen++]];
                part = part.Add(numbers.Slice(row * classes, classes));
            }
        }

        public object Complete() => _scores.ToSequence();

        public void Dispose()
        {
        }
    }
}

/// <summary>The features of every class by itself, and how many images the network takes for what they are meant to show.</summary>
public sealed record ByClass : Accumulation<PerClassFeatures>
{
    /// <inheritdoc/>
    public override bool NeedsLabels => true;

    /// <inheritdoc/>
    public override string Subject => "labels";

    /// <inheritdoc/>
    public override IAccumulator Begin(FeatureExtractor extractor, int count) => new Accumulator(extractor);

    private sealed class Accumulator(FeatureExtractor extractor) : IAccumulator
    {
        private readonly FeatureAccumulator[] _classes =
            [.. Enumerable.Range(0, extractor.Classes).Select(_ => new FeatureAccumulator(extractor.Dimension))];

        private readonly long[] _recognised = new long[extractor.Classes];

        public void Add(FeatureBatch batch, Tensor? labels)
        {
            if (labels is null)
                throw new ArgumentException("It is not known what the images are meant to show.", nameof(labels));
            using var scope = NewDisposeScope();
            var (values, right) = (batch.Values.cpu(), batch.Logits.argmax(1).cpu().eq(labels));
            for (var label = 0; label < _classes.Length; label++)
            {
                var own = labels.eq(Number.Of(label));
                _classes[label].Add(values[own]);
                _recognised[label] += right.logical_and(own).sum().item<long>();
            }
        }

        public object Complete() =>
            new PerClassFeatures(_classes.Select(part => part.ToStatistics()).ToSequence(), _recognised.ToSequence());

        public void Dispose()
        {
            foreach (var part in _classes)
                part.Dispose();
        }
    }
}

/// <summary>The features of images of every class.</summary>
/// <param name="Statistics">Of each class, in the order of labels.</param>
/// <param name="Recognised">How many images of each class the network takes for that class.</param>
public sealed record PerClassFeatures(Sequence<FeatureStatistics> Statistics, Sequence<long> Recognised);
