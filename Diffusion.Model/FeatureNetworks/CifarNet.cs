namespace Diffusion.Model.FeatureNetworks;

/// <summary>
/// The feature network for small photographs: 128 features of a 3×32×32 image. Its distances are called <c>fd_cifarnet</c>.
/// </summary>
public static class CifarNet
{
    /// <summary>The network.</summary>
    public static FeatureNetworkShape Shape { get; } = new("cifarnet", 3,
    [[
        new Stage.Convolve("c1", 24, new(3, 3)),
        new Stage.MaximumPool(2, 2),              // [24, 16, 16]
        new Stage.Convolve("c2", 48, new(3, 3)),
        new Stage.MaximumPool(2, 2),              // [48, 8, 8]
        new Stage.Convolve("c3", 96, new(3, 3)),
        new Stage.MaximumPool(2, 2),              // [96, 4, 4]
        new Stage.Convolve("c4", 128, new(3, 3)),
    ]], Classes: 10);
}
