using Diffusion.Math.Evaluation;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;
using Diffusion.Model.Runtime;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>Images that are each meant to show something, as a feature network sees them: its features of every class, and how many it recognises.</summary>
/// <remarks>It owns <see cref="Vectors"/>.</remarks>
/// <param name="Extractor">The network.</param>
/// <param name="Classes">A class each, in the order of labels.</param>
/// <param name="Vectors">The features of each image.</param>
public sealed record LabelledFeatures(ExtractorIdentity Extractor, Sequence<ClassFeatures> Classes, TensorFeatures Vectors) : IDisposable
{
    /// <summary>The features of all images together.</summary>
    public FeatureStatistics All => Classes.Select(part => part.Statistics).Aggregate((all, next) => all.Merge(next));

    /// <summary>The share of the images that the network recognises as what they are meant to show, in [0, 1].</summary>
    public double Accuracy => (double)Classes.Sum(part => part.Recognised) / All.Count;

    /// <summary>The images of a source with its labels.</summary>
    /// <param name="extractor">The network; not owned.</param>
    /// <param name="images">The images; not owned.</param>
    public static LabelledFeatures Of(FeatureExtractor extractor, IImageSource images) =>
        Of(extractor, images.Provenance.Count, (first, length) => images.Select([.. Enumerable.Range(first, length)]));

    /// <summary>Samples of a model, of which every one was asked to show something.</summary>
    /// <param name="extractor">The network; not owned.</param>
    /// <param name="samples">[N, C, H, W] in [−1, 1], rounded as image files are.</param>
    /// <param name="labels">What a sample is meant to show, by its number.</param>
    public static LabelledFeatures Of(FeatureExtractor extractor, Tensor samples, Func<long, long> labels) =>
        Of(extractor, (int)samples.shape[0], (first, length) => (
            Pixels.ToBytes(samples.narrow(0, first, length)),
            tensor([.. Enumerable.Range(first, length).Select(sample => labels(sample))])));

    /// <inheritdoc/>
    public void Dispose() => Vectors.Dispose();

    private static LabelledFeatures Of(FeatureExtractor extractor, int count, Func<int, int, (Tensor Bytes, Tensor Labels)> batch)
    {
        FeatureMoments[] moments = [.. Enumerable.Range(0, extractor.Classes).Select(_ => new FeatureMoments(extractor.Dimension))];
        var recognised = new long[extractor.Classes];
        var kept = new List<Tensor>();
        try
        {
            for (var first = 0; first < count; first += extractor.BatchSize)
            {
                using var scope = NewDisposeScope();
                var (bytes, labels) = batch(first, Min(extractor.BatchSize, count - first));
                using var seen = extractor.Extract(bytes);
                var values = seen.Values.cpu();
                var right = seen.Logits.argmax(1).cpu().eq(labels);
                for (var label = 0; label < moments.Length; label++)
                {
                    var own = labels.eq(Number.Of(label));
                    moments[label].Add(values[own]);
                    recognised[label] += right.logical_and(own).sum().item<long>();
                }
                kept.Add(values.clone().DetachFromDisposeScope());
            }
            return new(extractor.Identity, moments.Zip(recognised, (part, hits) => new ClassFeatures(part.ToStatistics(), hits)).ToSequence(), new(cat(kept)));
        }
        finally
        {
            foreach (var part in moments)
                part.Dispose();
            foreach (var own in kept)
                own.Dispose();
        }
    }
}

/// <summary>Images that are meant to show one class.</summary>
/// <param name="Statistics">Their features.</param>
/// <param name="Recognised">How many the network takes for that class.</param>
public sealed record ClassFeatures(FeatureStatistics Statistics, long Recognised);
