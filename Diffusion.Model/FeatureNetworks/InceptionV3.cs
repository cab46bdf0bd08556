using Diffusion.Model.Files;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>The Inception-v3 that the FID is defined on: Google's model of 5 December 2015, with 1008 classes.</summary>
/// <remarks>
/// Szegedy et al. 2016, Table 1 and Fig. 5 to 7, under the names of the file that the PyTorch tools share. It is not the network of
/// torchvision: average pools do not count the zeros beyond the border, the last block pools by maximum, and there is no second head.
/// </remarks>
public static class InceptionV3
{
    /// <summary>The weights that a number must come from to be called FID.</summary>
    public const string GenuineSha256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2";

    /// <summary>The file of these weights.</summary>
    public static PublishedFile Weights { get; } = new(
        "pt_inception-2015-12-05-6726825d.pth",
        [
            new("https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth"),
            new("https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth"),
        ],
        FileHash.Sha256(GenuineSha256),
        100 * PublishedFile.Megabyte);

    /// <summary>Rows and columns of the images it was trained on, and that every protocol resizes to.</summary>
    public const int Side = 299;

    /// <summary>The network; features can be taken after 64, 192, 768 and 2048 channels.</summary>
    public static FeatureNetworkShape Shape { get; } = new("inception", 3,
    [
        [
            new Stage.Convolve("Conv2d_1a_3x3", 32, new(3, 3)) { Stride = 2 }.Inside(),
            new Stage.Convolve("Conv2d_2a_3x3", 32, new(3, 3)).Inside(),
            new Stage.Convolve("Conv2d_2b_3x3", 64, new(3, 3)),
            new Stage.MaximumPool(3, 2),               // [64, 73, 73]
        ],
        [
            new Stage.Convolve("Conv2d_3b_1x1", 80, new(1, 1)),
            new Stage.Convolve("Conv2d_4a_3x3", 192, new(3, 3)).Inside(),
            new Stage.MaximumPool(3, 2),               // [192, 35, 35]
        ],
        [
            Wide("Mixed_5b", pooled: 32),
            Wide("Mixed_5c", pooled: 64),
            Wide("Mixed_5d", pooled: 64),              // [288, 35, 35]
            Halve35("Mixed_6a"),
            Factorised("Mixed_6b", middle: 128),
            Factorised("Mixed_6c", middle: 160),
            Factorised("Mixed_6d", middle: 160),
            Factorised("Mixed_6e", middle: 192),       // [768, 17, 17]
        ],
        [
            Halve17("Mixed_7a"),
            Expanded("Mixed_7b", new Stage.AveragePool()),
            Expanded("Mixed_7c", new Stage.MaximumPool(3, 1, 1)), // [2048, 8, 8]
        ],
    ], Classes: 1008);

    // Fig. 5, at 35x35, with the 5x5 that the figure replaces.
    private static Stage Wide(string name, long pooled) => new Stage.Named(name, new Stage.Fork(
        [new Stage.Convolve("branch1x1", 64, new(1, 1))],
        [new Stage.Convolve("branch5x5_1", 48, new(1, 1)), new Stage.Convolve("branch5x5_2", 64, new(5, 5))],
        [
            new Stage.Convolve("branch3x3dbl_1", 64, new(1, 1)),
            new Stage.Convolve("branch3x3dbl_2", 96, new(3, 3)),
            new Stage.Convolve("branch3x3dbl_3", 96, new(3, 3)),
        ],
        [new Stage.AveragePool(), new Stage.Convolve("branch_pool", pooled, new(1, 1))]));

    // Fig. 10, from 35x35 to 17x17.
    private static Stage Halve35(string name) => new Stage.Named(name, new Stage.Fork(
        [new Stage.Convolve("branch3x3", 384, new(3, 3)) { Stride = 2 }.Inside()],
        [
            new Stage.Convolve("branch3x3dbl_1", 64, new(1, 1)),
            new Stage.Convolve("branch3x3dbl_2", 96, new(3, 3)),
            new Stage.Convolve("branch3x3dbl_3", 96, new(3, 3)) { Stride = 2 }.Inside(),
        ],
        [new Stage.MaximumPool(3, 2)]));

    // Fig. 6, at 17x17, with n = 7.
    private static Stage Factorised(string name, long middle) => new Stage.Named(name, new Stage.Fork(
        [new Stage.Convolve("branch1x1", 192, new(1, 1))],
        [
            new Stage.Convolve("branch7x7_1", middle, new(1, 1)),
            new Stage.Convolve("branch7x7_2", middle, new(1, 7)),
            new Stage.Convolve("branch7x7_3", 192, new(7, 1)),
        ],
        [
            new Stage.Convolve("branch7x7dbl_1", middle, new(1, 1)),
            new Stage.Convolve("branch7x7dbl_2", middle, new(7, 1)),
            new Stage.Convolve("branch7x7dbl_3", middle, new(1, 7)),
            new Stage.Convolve("branch7x7dbl_4", middle, new(7, 1)),
            new Stage.Convolve("branch7x7dbl_5", 192, new(1, 7)),
        ],
        [new Stage.AveragePool(), new Stage.Convolve("branch_pool", 192, new(1, 1))]));

    // From 17x17 to 8x8.
    private static Stage Halve17(string name) => new Stage.Named(name, new Stage.Fork(
        [
            new Stage.Convolve("branch3x3_1", 192, new(1, 1)),
            new Stage.Convolve("branch3x3_2", 320, new(3, 3)) { Stride = 2 }.Inside(),
        ],
        [
            new Stage.Convolve("branch7x7x3_1", 192, new(1, 1)),
            new Stage.Convolve("branch7x7x3_2", 192, new(1, 7)),
            new Stage.Convolve("branch7x7x3_3", 192, new(7, 1)),
            new Stage.Convolve("branch7x7x3_4", 192, new(3, 3)) { Stride = 2 }.Inside(),
        ],
        [new Stage.MaximumPool(3, 2)]));

    // Fig. 7, at 8x8.
    private static Stage Expanded(string name, Stage pool) => new Stage.Named(name, new Stage.Fork(
        [new Stage.Convolve("branch1x1", 320, new(1, 1))],
        [new Stage.Convolve("branch3x3_1", 384, new(1, 1)), Split("branch3x3_2")],
        [
            new Stage.Convolve("branch3x3dbl_1", 448, new(1, 1)),
            new Stage.Convolve("branch3x3dbl_2", 384, new(3, 3)),
            Split("branch3x3dbl_3"),
        ],
        [pool, new Stage.Convolve("branch_pool", 192, new(1, 1))]));

    private static Stage Split(string name) => new Stage.Fork(
        [new Stage.Convolve($"{name}a", 384, new(1, 3))],
        [new Stage.Convolve($"{name}b", 384, new(3, 1))]);
}
