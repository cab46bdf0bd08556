using System.Collections.Concurrent;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

public sealed partial record Dataset
{
    /// <summary>Photographs of ten kinds of things, 32×32.</summary>
    /// <remarks>
    /// Krizhevsky 2009, "Learning multiple layers of features from tiny images".
    /// The MD5 is the publisher's; the SHA-256 the one under which several independent libraries fetch the archive (torchvision for Ruby,
    /// MLDatasets.jl, nixpkgs).
    /// </remarks>
    public static Dataset Cifar10 { get; } = new()
    {
        Name = "cifar10",
        Title = "CIFAR-10",
        Shape = new(3, 32, 32),
        ClassNames = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
        TrainCount = 50_000,
        TestCount = 10_000,
        Layout = new CifarLayout
        {
            Archive = "cifar-10-binary.tar.gz",
            FolderInArchive = "cifar-10-batches-bin",
            TrainFiles = "data_batch_*.bin",
            TestFile = "test_batch.bin",
            Python = new("cifar-10-python.tar.gz", "cifar-10-batches-py", "data_batch_*", "test_batch", "batches.meta", ["labels"]),
        },
        Embedded = new Cifar10Sample(),
        Augmentation = Augmentation.HorizontalFlips,
        Files =
        [
            new("cifar-10-binary.tar.gz",
                [
                    // The authors' own page is often slow, so a copy comes first.
                    new("https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/cifar-10-binary.tar.gz"),
                    new("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
                    new("https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/cifar-10-binary.tar.gz"),
                ],
                FileHash.Sha256("c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
                200 * PublishedFile.Megabyte)
            {
                Published = FileHash.Md5("c32a1d4ab5d03f1284b67883e8d87530"),
            },
        ],
    };

    /// <summary>
    /// 3,050 training and 300 test images, balanced: of every class the first 61 of each of the five training files, and the first 30 of
    /// the test file, packed without loss into two sheets. A row of a sheet holds images of one class from one file.
    /// </summary>
    internal sealed record Cifar10Sample : DatasetSample
    {
        internal const int TrainPerClassAndFile = 61;
        internal const int TestPerClass = 30;
        internal const int TrainFiles = 5;

        // Opened again and again by who measures or draws several models; the memory is given back where it is needed.
        private static readonly ConcurrentDictionary<string, WeakReference<RgbImage>> Known = [];

        public override ImageSet Read(Dataset dataset, Split split)
        {
            var (file, rowsPerClass, official) = split == Split.Train
                ? ("cifar10-train.webp", TrainFiles, dataset.TrainCount)
                : ("cifar10-test.webp", 1, dataset.TestCount);
            var sheet = Sheet(file);
            var shape = dataset.Shape;
            var (columns, rows) = (sheet.Width / shape.Width, sheet.Height / shape.Height);
            var pixels = new byte[columns * rows * shape.Size];
            var labels = new byte[columns * rows];
            for (var image = 0; image < labels.Length; image++)
            {
                var (row, column) = DivRem(image, columns);
                labels[image] = (byte)(row / rowsPerClass);
                var planes = pixels.AsSpan(image * (int)shape.Size, (int)shape.Size);
                sheet.CopyPlanes(column * shape.Width, row * shape.Height, shape, planes);
            }
            var origin = $"the sample embedded in this program, {labels.Length} of the official {official}";
            return ImageSet.Of(dataset.Describe(split, origin), shape, pixels, labels);
        }

        private static RgbImage Sheet(string file)
        {
            if (Known.TryGetValue(file, out var known) && known.TryGetTarget(out var sheet))
                return sheet;
            using var content = Open(file);
            var bytes = new byte[content.Length];
            content.ReadExactly(bytes);
            sheet = ImageDecoder.Decode(file, bytes);
            Known[file] = new(sheet);
            return sheet;
        }
    }
}
