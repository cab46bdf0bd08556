using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Datasets;

/// <summary>What is done to an image before the network sees it.</summary>
public enum Augmentation
{
    /// <summary>Nothing: digits and letters are not symmetric.</summary>
    None,

    /// <summary>Every other example, at random, is mirrored left to right. Ho et al. 2020, Appendix B, use it for CIFAR-10.</summary>
    HorizontalFlips,
}

/// <summary>Training examples, ready for the network.</summary>
/// <param name="Images">float32 [N, C, H, W] in [−1, 1].</param>
/// <param name="Labels">int64 [N].</param>
public sealed record Batch(Tensor Images, Tensor Labels) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}

/// <summary>Makes batches of an endless, reproducible stream of training examples.</summary>
/// <param name="source">Where the images come from; not owned.</param>
/// <param name="order">Which image each example is; of the source's length.</param>
/// <param name="augmentation">What is done to them.</param>
/// <param name="device">Where the batches are wanted.</param>
public sealed class Batches(IImageSource source, DataOrder order, Augmentation augmentation, Device device)
{
    private readonly DataOrder _order = order.Count == source.Provenance.Count
        ? order
        : throw new ArgumentException($"The order is of {order.Count} images, the set has {source.Provenance.Count}.", nameof(order));

    /// <summary>How many examples make an epoch.</summary>
    public int Epoch => _order.Count;

    /// <summary>Some consecutive examples; the same at every call.</summary>
    /// <param name="first">How many examples the run has seen before; at least 0.</param>
    /// <param name="length">How many are wanted.</param>
    /// <exception cref="InputException">An image file that is read on demand has become unreadable.</exception>
    public Batch Take(long first, int length)
    {
        using var scope = NewDisposeScope();
        var (pixels, labels) = source.Select(_order.Images(first, length));
        var images = Augment(Upload.To(pixels, device), first);
        return new(Pixels.ToNumbers(images).MoveToOuterDisposeScope(), Upload.To(labels, device).MoveToOuterDisposeScope());
    }

    private Tensor Augment(Tensor images, long first)
    {
        if (augmentation == Augmentation.None)
            return images;
        var mirrored = new bool[images.shape[0]];
        for (var example = 0; example < mirrored.Length; example++)
            mirrored[example] = _order.IsMirrored(first + example);
        return where(Upload.To(tensor(mirrored), images.device).view(-1, 1, 1, 1), images.flip(3), images);
    }
}
