using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>A few images and the noise by which weights are tried: the same at every try, and the same in a run that goes on.</summary>
internal sealed class HeldOutImages : IDisposable
{
    private const int Most = 8;

    private readonly Recipe _recipe;
    private readonly Learner _learner;
    private readonly Tensor _images;
    private readonly Tensor _labels;

    /// <summary>Images from all over a set, read now: whatever becomes of the set, the weights can be tried.</summary>
    /// <exception cref="InputException">One of them cannot be read.</exception>
    public HeldOutImages(Recipe recipe, Learner learner, IImageSource source, Device device)
    {
        (_recipe, _learner) = (recipe, learner);
        var (all, count) = (source.Provenance.Count, Min(Most, source.Provenance.Count));
        using var scope = NewDisposeScope();
        var (pixels, labels) = source.Select([.. Enumerable.Range(0, count).Select(index => (int)((long)index * all / count))]);
        _images = Pixels.ToNumbers(Upload.To(pixels, device)).DetachFromDisposeScope();
        _labels = Upload.To(labels, device).DetachFromDisposeScope();
    }

    /// <summary>The loss of the network as it is, in evaluation mode, and that of a network that puts out zeros.</summary>
    /// <param name="atOnce">Images that pass through the network at once.</param>
    public (double Loss, double OfZeros) Try(int atOnce)
    {
        using var scope = NewDisposeScope();
        var seed = new Seed(_recipe.Seed).For("held-out");
        var noise = SeededNoise.Like(_images, seed.For("noise"));
        var levels = _recipe.LevelsOf(seed.For("levels").Uniforms(_images.shape[0]));
        var batch = new NoisedBatch(_images, noise, new(_recipe, levels, _images), _learner.Labels(_labels, seed.For("labels")));
        var (loss, ofZeros) = (0.0, 0.0);
        for (var first = 0L; first < batch.Count; first += atOnce)
        {
            using var inner = NewDisposeScope();
            var part = batch.Part(first, Min(atOnce, batch.Count - first));
            var output = _learner.Output(part);
            loss += _learner.Loss(part, output, batch.Count).to(float64).item<double>();
            ofZeros += _learner.Loss(part, zeros_like(output), batch.Count).to(float64).item<double>();
        }
        return (loss, ofZeros);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _images.Dispose();
        _labels.Dispose();
    }
}
