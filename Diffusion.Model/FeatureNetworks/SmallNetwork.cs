using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>
/// A small feature network that the library carries, by which images are measured where Inception cannot be had or is too slow.
/// </summary>
/// <param name="Shape">The network.</param>
/// <param name="TrainedOn">The data set that it was trained to classify.</param>
/// <param name="Training">How it was trained.</param>
public sealed record SmallNetwork(FeatureNetworkShape Shape, Dataset TrainedOn, FeatureTraining Training)
{
    /// <summary>For grey images of 28×28.</summary>
    public static SmallNetwork LeNet { get; } = new(FeatureNetworks.LeNet.Shape, Dataset.Mnist, new() { Epochs = 20 });

    /// <summary>For colour images of 32×32.</summary>
    public static SmallNetwork CifarNet { get; } =
        new(FeatureNetworks.CifarNet.Shape, Dataset.Cifar10, new() { Epochs = 6, Augmentation = Dataset.Cifar10.Augmentation });

    /// <summary>All of them.</summary>
    public static Sequence<SmallNetwork> All { get; } = [LeNet, CifarNet];

    /// <summary>Such as <c>lenet</c>.</summary>
    public string Name => Shape.Name;

    /// <summary>The shape of images that it takes.</summary>
    public ImageShape Images => TrainedOn.Shape;

    /// <summary>The network for images of a shape, wherever they come from; null where there is none.</summary>
    /// <remarks>
    /// Files of grey images are decoded to three channels: a network of grey images takes them too, and sees their brightness alone. Images
    /// with alpha become such of three channels: <see cref="OverWhitePreparation"/>.
    /// </remarks>
    /// <param name="images">The shape; null where the images differ in it.</param>
    public static SmallNetwork? For(ImageShape? images) => images is not { } shape ? null
        : All.FirstOrDefault(network => network.Images == shape with { Channels = Min(shape.Channels, 3) }
            || network.Images == shape with { Channels = 1 });

    /// <summary>The network of a name; null where there is none.</summary>
    public static SmallNetwork? Named(string name) => All.FirstOrDefault(network => network.Name == name);
}
