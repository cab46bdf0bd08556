using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

public sealed partial record Dataset
{
    /// <summary>Handwritten digits, 28×28 and grey. LeCun, Cortes and Burges, "The MNIST database of handwritten digits".</summary>
    /// <remarks>
    /// The SHA-256 of the test files was worked out from the files themselves; that of the training files is the one under which several
    /// independent libraries fetch them (torchvision for Ruby, MLDatasets.jl, nixpkgs). Their MD5 is the publisher's.
    /// </remarks>
    public static Dataset Mnist { get; } = new()
    {
        Name = "mnist",
        Title = "MNIST",
        Shape = new(1, 28, 28),
        ClassNames = Sequence.Generate(10, digit => $"{digit}"),
        TrainCount = 60_000,
        TestCount = 10_000,
        Layout = new IdxLayout(),
        Embedded = new TestDigits(),
        Files =
        [
            // The small ones first, so that a wrong network shows at once.
            Published("t10k-labels-idx1-ubyte.gz", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
            Published("train-labels-idx1-ubyte.gz",
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", "d53e105ee54ea40749a09fcbcd1e9432"),
            Published("t10k-images-idx3-ubyte.gz", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            Published("train-images-idx3-ubyte.gz",
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        ],
    };

    private static PublishedFile Published(string name, string sha256, string? md5 = null) => new(
        name,
        [new($"https://ossci-datasets.s3.amazonaws.com/mnist/{name}"), new($"https://storage.googleapis.com/cvdf-datasets/mnist/{name}")],
        FileHash.Sha256(sha256),
        20 * PublishedFile.Megabyte)
    {
        Published = md5 is null ? null : FileHash.Md5(md5),
    };

    /// <summary>The official 10,000 test digits; every tenth is held out, because their first half is easier than their second.</summary>
    private sealed record TestDigits : DatasetSample
    {
        public override ImageSet Read(Dataset dataset, Split split)
        {
            const string origin = "the sample embedded in this program";
            var all = dataset.Describe(Split.Test, $"{origin}, the official 10000 test digits");
            using var digits = IdxLayout.Read(Open("t10k-images-idx3-ubyte.gz"), Open("t10k-labels-idx1-ubyte.gz"), all);
            int[] chosen = [.. Enumerable.Range(0, digits.Count).Where(index => index % 10 == 9 == (split == Split.Test))];
            return digits.Pick(chosen, dataset.Describe(split, $"{origin}, {chosen.Length} of the official 10000 test digits"));
        }
    }
}
