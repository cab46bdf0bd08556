using Diffusion.Math.Values;
using Diffusion.Model.Images;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>A small feature network that the library carries, and the images it is for.</summary>
public sealed record SmallNetwork
{
    private SmallNetwork()
    {
    }

    /// <summary>For digits.</summary>
    public static SmallNetwork LeNet { get; } = new() { Shape = FeatureNetworks.LeNet.Shape, Images = new(1, 28, 28) };

    /// <summary>For small photographs.</summary>
    public static SmallNetwork CifarNet { get; } = new() { Shape = FeatureNetworks.CifarNet.Shape, Images = new(3, 32, 32) };

    /// <summary>All that the library carries.</summary>
    public static Sequence<SmallNetwork> All { get; } = [LeNet, CifarNet];

    /// <summary>The network.</summary>
    public required FeatureNetworkShape Shape { get; init; }

    /// <summary>The shape of the images.</summary>
    public required ImageShape Images { get; init; }

    /// <summary>Its name, which its distances are called after: <c>fd_</c> and the name.</summary>
    public string Name => Shape.Name;

    /// <summary>The network of a name; null where there is none.</summary>
    public static SmallNetwork? Named(string name) => All.FirstOrDefault(network => network.Name == name);

    /// <summary>The network that suits images of a shape; null where there is none, or images differ in shape.</summary>
    public static SmallNetwork? For(ImageShape? shape) => shape is not { } known ? null
        : All.FirstOrDefault(network => network.Images == known || network.Images == known with { Channels = 1 });
}
