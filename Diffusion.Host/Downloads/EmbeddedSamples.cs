using Diffusion.Model.Datasets;
using Diffusion.Model.Images;

namespace Diffusion.Host.Downloads;

/// <summary>The small real samples this program carries, for when the data sets cannot be had.</summary>
/// <remarks>
/// CIFAR-10: of every class the first 61 images of each of the five training files, and the first 30 of the test file, packed without loss
/// into two sheets: a row holds images of one class from one file. MNIST: the official 10,000 test digits as published; every tenth is
/// held out, because their first half is easier than their second.
/// </remarks>
public static class EmbeddedSamples
{
    internal const int Cifar10TrainPerClassAndFile = 61;
    internal const int Cifar10TestPerClass = 30;
    internal const int Cifar10TrainFiles = 5;

    /// <summary>CIFAR-10: 3,050 training and 300 test images, balanced.</summary>
    public static ImageSet Cifar10(Split split)
    {
        var (file, rowsPerClass, official) = split == Split.Train
            ? ("cifar10-train.webp", Cifar10TrainFiles, 50_000)
            : ("cifar10-test.webp", 1, 10_000);
        using var content = Open(file);
        var bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        var sheet = ImageDecoder.Decode(file, bytes);
        var shape = Model.Datasets.Cifar10.Shape;
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
        return ImageSet.Of(Model.Datasets.Cifar10.Describe(split, origin), shape, pixels, labels);
    }

    /// <summary>MNIST: 9,000 training and 1,000 test digits, all from the official test part.</summary>
    public static ImageSet Mnist(Split split)
    {
        const string origin = "the sample embedded in this program";
        var all = Model.Datasets.Mnist.Describe(Split.Test, $"{origin}, the official 10000 test digits");
        using var digits = Model.Datasets.Mnist.Read(Open("t10k-images-idx3-ubyte.gz"), Open("t10k-labels-idx1-ubyte.gz"), all);
        int[] chosen = [.. Enumerable.Range(0, digits.Count).Where(index => index % 10 == 9 == (split == Split.Test))];
        return digits.Pick(chosen, Model.Datasets.Mnist.Describe(split, $"{origin}, {chosen.Length} of the official 10000 test digits"));
    }

    internal static Stream Open(string asset) => typeof(EmbeddedSamples).Assembly.GetManifestResourceStream(asset)
        ?? throw new InvalidOperationException($"This program was built without its sample {asset}.");
}
