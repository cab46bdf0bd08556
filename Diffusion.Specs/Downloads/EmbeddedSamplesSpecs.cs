using System.Security.Cryptography;
using Diffusion.Model.Datasets;
using SkiaSharp;

namespace Diffusion.Specs.Downloads;

public sealed class EmbeddedSamplesSpecs
{
    // Any folder with the official files, or with at least their first thousand records, proves the sample or, asked to accept, makes it.
    private const string OfficialFiles = "DIFFUSION_CIFAR10";

    [Fact]
    public void The_cifar10_sample_is_balanced_and_says_what_it_is()
    {
        using var train = Dataset.Cifar10.Sample(Split.Train);
        using var test = Dataset.Cifar10.Sample(Split.Test);
        Assert.Equal([3050, 3, 32, 32], train.Images.shape);
        Assert.Equal(Enumerable.Repeat(305, 10), train.Labels.data<long>().CountBy(label => label).Select(entry => entry.Value));
        Assert.Equal(Enumerable.Repeat(30, 10), test.Labels.data<long>().CountBy(label => label).Select(entry => entry.Value));
        Assert.Contains("the sample embedded in this program, 3050 of the official 50000", train.Provenance.ToString());
        Assert.Contains("the sample embedded in this program, 300 of the official 10000", test.Provenance.ToString());
    }

    [Fact]
    public void The_cifar10_sample_begins_with_the_first_airplane_of_the_official_files()
    {
        using var train = Dataset.Cifar10.Sample(Split.Train);
        // Record 29 of data_batch_1.bin is its first of label 0.
        Assert.Equal(FirstAirplane, Convert.ToHexStringLower(SHA256.HashData(train.Images[0].bytes)));
    }

    [Fact]
    public void The_mnist_sample_is_the_official_test_files_unchanged()
    {
        Assert.Equal("8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6", Hash("t10k-images-idx3-ubyte.gz"));
        Assert.Equal("f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", Hash("t10k-labels-idx1-ubyte.gz"));
    }

    [Fact]
    public void Nine_tenths_of_the_mnist_sample_are_for_training()
    {
        using var train = Dataset.Mnist.Sample(Split.Train);
        using var test = Dataset.Mnist.Sample(Split.Test);
        Assert.Equal([9000, 1, 28, 28], train.Images.shape);
        Assert.Equal([1000, 1, 28, 28], test.Images.shape);
        // The labels that begin the official file; the tenth is held out.
        Assert.Equal([7, 2, 1, 0, 4, 1, 4, 9, 5, 0], train.Labels.data<long>().Take(10));
        Assert.Equal(9, test.Labels.data<long>().First());
        Assert.Contains("9000 of the official 10000 test digits", train.Provenance.ToString());
        Assert.NotEqual(train.Provenance.Sha256, test.Provenance.Sha256);
    }

    [Fact]
    public void No_sample_is_larger_than_six_million_bytes()
    {
        Assert.InRange(Length("cifar10-train.webp") + Length("cifar10-test.webp"), 1, 6_000_000);
        Assert.InRange(Length("t10k-images-idx3-ubyte.gz") + Length("t10k-labels-idx1-ubyte.gz"), 1, 6_000_000);
    }

    [OfficialCifar10Fact]
    public void The_cifar10_sample_is_the_official_images_in_the_order_it_promises()
    {
        var folder = Environment.GetEnvironmentVariable(OfficialFiles)!;
        var accept = Environment.GetEnvironmentVariable("DIFFUSION_ACCEPT") == "1";
        foreach (var split in Enum.GetValues<Split>())
        {
            var (files, perFile) = split == Split.Train
                ? (TrainingFiles, Dataset.Cifar10Sample.TrainPerClassAndFile)
                : (["test_batch.bin"], Dataset.Cifar10Sample.TestPerClass);
            byte[][] chosen = [.. files.SelectMany(file => FirstOfEachClass(File.ReadAllBytes(Path.Combine(folder, file)), perFile))
                .OrderBy(record => record[0])];
            if (accept)
            {
                var sheet = $"cifar10-{split.ToString().ToLowerInvariant()}.webp";
                WriteSheet(Path.Combine(Repository.Root, "Diffusion.Model", "Datasets", "Samples", sheet), chosen, perFile);
                continue;
            }
            using var sample = Dataset.Cifar10.Sample(split);
            Assert.Equal(chosen.Select(record => (long)record[0]), sample.Labels.data<long>().ToArray());
            Assert.Equal(chosen.SelectMany(record => record[1..]), sample.Images.bytes.ToArray());
        }
        Assert.False(accept, "The sheets are written: build again, which embeds them, and compare.");
    }

    private static IEnumerable<string> TrainingFiles =>
        Enumerable.Range(1, Dataset.Cifar10Sample.TrainFiles).Select(number => $"data_batch_{number}.bin");

    private static IEnumerable<byte[]> FirstOfEachClass(byte[] records, int count) =>
        records.Chunk(3073).GroupBy(record => record[0]).SelectMany(group => group.Take(count));

    private static void WriteSheet(string path, byte[][] records, int columns)
    {
        var size = new SKImageInfo(32 * columns, 32 * records.Length / columns, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var bitmap = new SKBitmap(size);
        foreach (var (image, record) in records.Index())
            for (var pixel = 0; pixel < 1024; pixel++)
                bitmap.SetPixel(image % columns * 32 + pixel % 32, image / columns * 32 + pixel / 32,
                    new(record[1 + pixel], record[1025 + pixel], record[2049 + pixel]));
        using var pixels = bitmap.PeekPixels();
        using var encoded = pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100));
        File.WriteAllBytes(path, encoded!.ToArray());
    }

    private static string Hash(string asset)
    {
        using var content = DatasetSample.Open(asset);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }

    private static long Length(string asset)
    {
        using var content = DatasetSample.Open(asset);
        return content.Length;
    }

    private const string FirstAirplane = "04150281f7c48086eb94126e3b350190c574c784c9d21cc111999daf7b1e1623";

    private sealed class OfficialCifar10FactAttribute : FactAttribute
    {
        public OfficialCifar10FactAttribute()
        {
            if (Environment.GetEnvironmentVariable(OfficialFiles) is not { Length: > 0 })
                Skip = $"{OfficialFiles} names no folder with CIFAR-10's official files.";
        }
    }
}
