using Diffusion.Math.Values;

namespace Diffusion.Host.Downloads;

/// <summary>The files this program knows where to find. Their hashes are those of the publishers.</summary>
public static class KnownDownloads
{
    private const long Megabyte = 1_000_000;

    /// <summary>CIFAR-10 in its binary layout. The authors' own page is often slow, so a copy comes first.</summary>
    public static Download Cifar10 { get; } = new(
        Model.Datasets.Cifar10.Archive,
        [
            new("https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/cifar-10-binary.tar.gz"),
            new("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
            new("https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/cifar-10-binary.tar.gz"),
        ],
        FileHash.Md5("c32a1d4ab5d03f1284b67883e8d87530"),
        200 * Megabyte);

    /// <summary>MNIST's four files; the small ones first, so that a wrong network shows at once.</summary>
    public static Sequence<Download> Mnist { get; } =
    [
        MnistFile("t10k-labels-idx1-ubyte.gz", FileHash.Sha256("f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")),
        MnistFile("train-labels-idx1-ubyte.gz", FileHash.Md5("d53e105ee54ea40749a09fcbcd1e9432")),
        MnistFile("t10k-images-idx3-ubyte.gz", FileHash.Sha256("8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6")),
        MnistFile("train-images-idx3-ubyte.gz", FileHash.Md5("f68b3c2dcbeaaa9fbdd348bbdeb94873")),
    ];

    /// <summary>The Inception weights that a number called FID is measured with.</summary>
    public static Download Inception { get; } = new(
        "pt_inception-2015-12-05-6726825d.pth",
        [
            new("https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth"),
            new("https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth"),
        ],
        FileHash.Sha256("6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"),
        100 * Megabyte);

    private static Download MnistFile(string name, FileHash hash) => new(
        name,
        [new($"https://ossci-datasets.s3.amazonaws.com/mnist/{name}"), new($"https://storage.googleapis.com/cvdf-datasets/mnist/{name}")],
        hash,
        20 * Megabyte);
}
