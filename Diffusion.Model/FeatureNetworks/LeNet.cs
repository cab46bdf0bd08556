namespace Diffusion.Model.FeatureNetworks;

/// <summary>The feature network for digits: 84 features of a 1×28×28 image. Its distances are called <c>fd_lenet</c>.</summary>
/// <remarks>The layout of LeCun et al. 1998, Fig. 2, with more maps, ReLU, maximum pools and batch normalisation.</remarks>
public static class LeNet
{
    /// <summary>The network.</summary>
    public static FeatureNetworkShape Shape { get; } = new("lenet", 1,
    [[
        new Stage.Convolve("c1", 16, new(5, 5)),
        new Stage.MaximumPool(2, 2),                      // [16, 14, 14]
        new Stage.Convolve("c3", 32, new(5, 5)),
        new Stage.MaximumPool(2, 2),                      // [32, 7, 7]
        new Stage.Convolve("c4", 64, new(3, 3)),
        new Stage.MaximumPool(2, 2),                      // [64, 3, 3]
        new Stage.Convolve("c5", 84, new(3, 3)).Inside(), // [84, 1, 1]
    ]], Classes: 10);
}
