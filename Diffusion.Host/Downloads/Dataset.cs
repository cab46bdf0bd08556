using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;

namespace Diffusion.Host.Downloads;

/// <summary>A data set that this program can find by itself.</summary>
/// <param name="Name">Such as <c>CIFAR-10</c>.</param>
/// <param name="CacheName">The name of its folder in the cache.</param>
public abstract record Dataset(string Name, string CacheName)
{
    /// <summary>Small photographs of ten kinds of things.</summary>
    public static Dataset Cifar10 { get; } = new Cifar10Images();

    /// <summary>Handwritten digits.</summary>
    public static Dataset Mnist { get; } = new MnistDigits();

    /// <summary>The files it consists of.</summary>
    public abstract Sequence<Download> Downloads { get; }

    /// <summary>Whether a folder holds a part of it.</summary>
    public abstract bool IsIn(string folder, Split split);

    /// <summary>Reads a part from a folder.</summary>
    /// <exception cref="InputException">It is missing or damaged.</exception>
    public abstract ImageSet Read(string folder, Split split);

    /// <summary>Reads a part of the sample that this program carries.</summary>
    public abstract ImageSet Sample(Split split);

    private sealed record Cifar10Images() : Dataset("CIFAR-10", "cifar10")
    {
        public override Sequence<Download> Downloads => [KnownDownloads.Cifar10];

        public override bool IsIn(string folder, Split split) => Model.Datasets.Cifar10.IsIn(folder, split);

        public override ImageSet Read(string folder, Split split) => Model.Datasets.Cifar10.Read(folder, split);

        public override ImageSet Sample(Split split) => EmbeddedSamples.Cifar10(split);
    }

    private sealed record MnistDigits() : Dataset("MNIST", "mnist")
    {
        public override Sequence<Download> Downloads => KnownDownloads.Mnist;

        public override bool IsIn(string folder, Split split) => Model.Datasets.Mnist.IsIn(folder, split);

        public override ImageSet Read(string folder, Split split) => Model.Datasets.Mnist.Read(folder, split);

        public override ImageSet Sample(Split split) => EmbeddedSamples.Mnist(split);
    }
}
