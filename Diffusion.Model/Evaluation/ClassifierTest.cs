using System.Globalization;
using Diffusion.Math.Noise;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>How well a classifier of noisy images names images that it knows or does not know, at several noise levels.</summary>
/// <remarks>The noise of an image is a function of the recipe's seed and the image's number alone, so that tests can be compared.</remarks>
/// <param name="recipe">What the classifier is trained by.</param>
/// <param name="images">The images; not owned.</param>
public sealed class ClassifierTest(Recipe recipe, IImageSource images)
{
    // Shares of the noise levels that are drawn in training, from the least noisy on.
    private static readonly double[] Shares = [0, 0.2, 0.4, 0.6, 0.8];

    private readonly Seed _seed = new Seed(recipe.Seed).For("classifier test");

    /// <summary>The levels at which accuracy is measured.</summary>
    public Sequence<NoiseLevel> Levels { get; } = recipe.NoiseLevels.Draw(Shares, recipe.Schedule).Distinct().ToSequence();

    /// <summary>
    /// The names of what is measured: the cross-entropy over all levels, in nats, and the accuracy at each of <see cref="Levels"/>.
    /// </summary>
    public Sequence<string> Columns =>
        ["cross_entropy", .. Levels.Select(level => string.Create(CultureInfo.InvariantCulture, $"accuracy_t{level.Time:0.###}"))];

    /// <summary>How often the network is called for so many images.</summary>
    public int Calls(int count) => (CountOf(count) + recipe.Evaluation.Batch - 1) / recipe.Evaluation.Batch * (Levels.Count + 1);

    /// <summary>How many images there are to a wish for <paramref name="count"/> of them.</summary>
    public int CountOf(int count) => Min(count, images.Provenance.Count);

    /// <summary>Measures; the numbers are in the order of <see cref="Columns"/>.</summary>
    /// <param name="network">The classifier, in evaluation mode; its device is used.</param>
    /// <param name="count">How many images are wanted, from the first on.</param>
    /// <param name="watch">Called after every call of the network.</param>
    public Sequence<double> Measure(NoisyClassifier network, int count, Action watch)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var sums = new double[Levels.Count + 1];
        var total = CountOf(count);
        for (var first = 0; first < total; first += recipe.Evaluation.Batch)
        {
            using var inner = NewDisposeScope();
            var numbers = Enumerable.Range(first, Min(recipe.Evaluation.Batch, total - first)).ToArray();
            foreach (var (index, sum) in Sums(network, numbers).Index())
            {
                sums[index] += sum;
                watch();
            }
        }
        return sums.Select(sum => sum / total).ToSequence();
    }

    private IEnumerable<double> Sums(NoisyClassifier network, int[] numbers)
    {
        var device = network.parameters().First().device;
        var (pixels, known) = images.Select(numbers);
        var (clean, labels) = (Pixels.ToNumbers(pixels.to(device)), known.to(device));
        var noise = new SampleNoise(_seed, numbers[0], clean.shape, device);
        var drawn = recipe.NoiseLevels.Draw([.. numbers.Select(number => _seed.For("levels").Uniform(number))], recipe.Schedule);
        yield return network.LogProbability(Noised(drawn, 0, out var times), times, labels).sum().neg().item<float>();
        foreach (var (index, level) in Levels.Index())
            yield return network.call(Noised([.. numbers.Select(_ => level)], index + 1, out times), times)
                .argmax(1).eq(labels).sum().item<long>();

        Tensor Noised(NoiseLevel[] levels, int draw, out Tensor time)
        {
            var noised = new NoisedBatch(clean, noise.Draw(draw), new(recipe, levels, clean), null);
            time = noised.Weights.Time;
            return noised.Input;
        }
    }
}
