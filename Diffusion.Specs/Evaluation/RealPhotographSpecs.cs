using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Images;
using Diffusion.Model.Runtime;
using Diffusion.Specs.Data;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Evaluation;

public sealed class RealPhotographSpecs : IDisposable
{
    private const int Training = 2500;
    private const int Held = 1017;
    private const int Corrupted = 256;

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [RealDataFact]
    public void A_distance_of_real_photographs_is_the_same_through_files_and_nothing_to_itself()
    {
        using var network = Network();
        using var reference = Measured(network, Photographs(Split.Train, Training));
        using var samples = Measured(network, Photographs(Split.Test, Held));
        var direct = Measurement.Between(reference, samples, [new FrechetMetric()]);
        Assert.Equal("fd_inception", direct.Values[0].Name);
        Assert.True(direct.IsSmall);
        Assert.True(direct.Values[0].Value > 1, $"{direct.Values[0].Value}");

        StatisticsFile.Write(_folder["train.npz"], reference);
        StatisticsFile.Write(_folder["test.npz"], samples);
        using var stored = StatisticsFile.Read(_folder["train.npz"]);
        using var other = StatisticsFile.Read(_folder["test.npz"]);
        var filed = Measurement.Between(stored, other, [new FrechetMetric()]);
        Assert.InRange(filed.Values[0].Value / direct.Values[0].Value, 1 - 1e-6, 1 + 1e-6);
        Assert.InRange(Measurement.Between(samples, samples, [new FrechetMetric()]).Values[0].Value, -1e-3, 1e-3);
    }

    [RealDataFact]
    public void The_more_photographs_are_corrupted_the_farther_away_they_are()
    {
        using var network = Network();
        var clean = Photographs(Split.Test, Corrupted);
        using var reference = Measured(network, clean);
        double Of(Tensor bytes) => Measurement.Between(reference, Measured(network, bytes), [new FrechetMetric()]).Values[0].Value;
        Rising("blur", [.. new[] { 3L, 5, 9 }.Select(width => Of(Blurred(clean, width)))]);
        Rising("noise", [.. new[] { 8.0, 24, 72 }.Select(sigma => Of(Noised(clean, sigma)))]);
        Rising("JPEG", [.. new[] { 75, 25, 5 }.Select(quality => Of(Compressed(clean, quality)))]);
    }

    private static void Rising(string corruption, double[] distances)
    {
        Assert.True(distances[0] > 0.01, $"{corruption}: {distances[0]}");
        Assert.All(distances.Zip(distances.Skip(1)), pair =>
            Assert.True(pair.First < pair.Second, $"{corruption}: {string.Join(", ", distances)}"));
    }

    private static FeatureExtractor Network() => FeatureExtractor.Inception(
        RealDataFactAttribute.Weights, new InceptionProtocol.PytorchFid(), FeatureArithmetic.Float32, CPU);

    // uint8 [count, 3, 32, 32].
    private static Tensor Photographs(Split split, int count)
    {
        using var all = Dataset.Cifar10.Read(RealDataFactAttribute.Photographs, split);
        return all.Images.narrow(0, 0, count).clone();
    }

    private static FeatureSet Measured(FeatureExtractor network, Tensor bytes)
    {
        using var pass = new FeaturePass(network, [], (int)bytes.shape[0]);
        for (var first = 0L; first < bytes.shape[0]; first += network.BatchSize)
        {
            using var scope = NewDisposeScope();
            pass.Add(bytes.narrow(0, first, Min(network.BatchSize, bytes.shape[0] - first)));
        }
        using var digest = new ImageDigest(new(3, 32, 32));
        digest.Add(bytes);
        return pass.Complete(digest.Sha256);
    }

    private static Tensor Blurred(Tensor bytes, long width) => nn.functional.avg_pool2d(
        bytes.to(float32), width, 1, width / 2, count_include_pad: false).round().to(ScalarType.Byte);

    private static Tensor Noised(Tensor bytes, double sigma)
    {
        using var generator = new Generator(11, CPU);
        return bytes.to(float32).Plus(randn(bytes.shape, generator: generator).Times(sigma)).round()
            .clamp(Number.Of(0), Number.Of(255)).to(ScalarType.Byte);
    }

    private static Tensor Compressed(Tensor bytes, int quality) => stack(Enumerable.Range(0, (int)bytes.shape[0]).Select(index =>
    {
        byte[] rgb = bytes[index].permute(1, 2, 0).contiguous().bytes.ToArray();
        var file = Encoded.AsSkia(new RgbImage(32, 32, rgb), SKEncodedImageFormat.Jpeg, quality);
        using var bitmap = SKBitmap.Decode(file);
        var colours = bitmap.Pixels.SelectMany(pixel => new[] { pixel.Red, pixel.Green, pixel.Blue }).ToArray();
        return Pixels.FromBytes(colours, 32, 32, 3).permute(2, 0, 1);
    }).ToArray());
}
