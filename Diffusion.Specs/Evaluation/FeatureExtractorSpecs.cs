using Diffusion.Math.Evaluation;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Runtime;
using Diffusion.Specs.Data;
using Diffusion.Specs.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Evaluation;

public sealed class FeatureExtractorSpecs : IDisposable
{
    // The order of sums in a convolution depends on the batch.
    private const double BatchTolerance = 1e-5;

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void LeNet_reads_held_out_digits()
    {
        // It was trained on training digits only; all of the official test digits are new to it.
        using var digits = Dataset.Mnist.Sample(Split.Test);
        using var network = FeatureExtractor.LeNet(CPU);
        Assert.True(AccuracyMetric.Of(network, digits) > 0.985, $"{AccuracyMetric.Of(network, digits)}");
    }

    [Fact]
    public void CifarNet_tells_held_out_photographs_apart()
    {
        using var photographs = Dataset.Cifar10.Sample(Split.Test);
        using var network = FeatureExtractor.CifarNet(CPU);
        Assert.True(AccuracyMetric.Of(network, photographs) > 0.72, $"{AccuracyMetric.Of(network, photographs)}");
    }

    [Fact]
    public void Features_do_not_depend_on_the_batch()
    {
        using var photographs = Dataset.Cifar10.Sample(Split.Test);
        using var network = FeatureExtractor.CifarNet(CPU);
        using var together = network.Extract(photographs.Images.narrow(0, 0, 7));
        for (var i = 0; i < 7; i++)
        {
            using var alone = network.Extract(photographs.Images.narrow(0, i, 1));
            Assert.InRange((together.Values[i] - alone.Values[0]).abs().max().item<float>(), 0, BatchTolerance);
            Assert.InRange((together.Logits[i] - alone.Logits[0]).abs().max().item<float>(), 0, 10 * BatchTolerance);
        }
    }

    [Fact]
    public void Folding_the_normalisation_changes_nothing_but_rounding()
    {
        using var photographs = Dataset.Cifar10.Sample(Split.Test);
        using var file = NetworkFile.Embedded(CifarNet.Shape);
        using var weights = file.Load(float64, CPU);
        using var folded = new FoldedConvolver(weights);
        var images = Pixels.ToNumbers(photographs.Images.narrow(0, 0, 4)).to(float64);
        var plain = new FeatureNetwork(weights, new PlainConvolver(weights.Tensors, BatchStatistics.Frozen)).Run(images);
        var fast = new FeatureNetwork(weights, folded).Run(images);
        Assert.InRange((plain.Values - fast.Values).abs().max().item<double>(), 0, 1e-12);
        Assert.InRange((plain.Logits - fast.Logits).abs().max().item<double>(), 0, 1e-11);
    }

    [Fact]
    public void A_pass_counts_every_image_when_the_batch_does_not_divide_them()
    {
        // 300 images in batches of 256; and 49,984 for 50,000 is the classic loss of a last batch.
        using var photographs = Dataset.Cifar10.Sample(Split.Test);
        using var network = FeatureExtractor.CifarNet(CPU);
        using var features = new EvaluationInput.OfOneSize(photographs, "").Measure(network, [], new());
        Assert.NotEqual(0, photographs.Count % network.BatchSize);
        Assert.Equal(photographs.Count, features.Fit.Count);
    }

    [Fact]
    public void A_pass_that_misses_images_has_no_result()
    {
        using var photographs = Dataset.Cifar10.Sample(Split.Test);
        using var network = FeatureExtractor.CifarNet(CPU);
        using var pass = new FeaturePass(network, [], 10);
        pass.Add(photographs.Images.narrow(0, 0, 8));
        Assert.Contains("there were 8", Assert.Throws<InvalidOperationException>(() => pass.Complete("")).Message);
        Assert.Contains(
            "at least 11", Assert.Throws<InvalidOperationException>(() => pass.Add(photographs.Images.narrow(0, 0, 3))).Message);
    }

    [Fact]
    public void One_pass_feeds_distance_score_and_vectors()
    {
        using var photographs = Dataset.Cifar10.Sample(Split.Test);
        using var network = FeatureExtractor.CifarNet(CPU);
        var parts = new ScoredParts(new ScoreParts.Consecutive(3));
        using var features = new EvaluationInput.OfOneSize(photographs, "")
            .Measure(network, [parts, new KeptVectors(), new ByClass()], new());
        var score = Spread.Of(features.Of(parts).Select(part => part.Value)).Mean;
        Assert.InRange(score, 1, network.Classes);
        var vectors = features.Of(new KeptVectors());
        Assert.Equal((photographs.Count, network.Dimension), (vectors.Count, vectors.Dimension));
        Assert.Equal(photographs.Count, features.Of(new ByClass()).Statistics.Sum(part => part.Count));
        // Real photographs of ten classes in equal numbers: the score is far from that of a single class.
        Assert.True(score > 3, $"{score}");
    }

    [Fact]
    public void Distances_rise_with_noise_and_with_blur()
    {
        using var photographs = Dataset.Cifar10.Sample(Split.Train);
        using var network = FeatureExtractor.CifarNet(CPU);
        var images = photographs.Images.narrow(0, 0, 512);
        var clean = Fit(network, images);
        var noise = Drawn.Normal(images.shape);
        double[] noisy = [.. new[] { 0.0, 8, 24, 64 }.Select(sigma => Distances(clean, Fit(network,
            images.to(float32).Plus(noise.Times(sigma)).round().clamp(Number.Of(0), Number.Of(255)).to(ScalarType.Byte))))];
        double[] blurred = [.. new[] { 1L, 3, 5 }.Select(size => Distances(clean, Fit(network, nn.functional
            .avg_pool2d(images.to(float32), size, 1, size / 2, count_include_pad: false).round().to(ScalarType.Byte))))];
        Assert.InRange(noisy[0], -1e-4, 1e-4);
        Assert.Equal(noisy.Order(), noisy);
        Assert.Equal(blurred.Order(), blurred);
        Assert.True(noisy[1] > 1e-3 && blurred[1] > 1e-3);
    }

    [Fact]
    public void Images_of_another_shape_are_refused()
    {
        using var network = FeatureExtractor.LeNet(CPU);
        Assert.Contains("1×28×28", Assert.Throws<ArgumentException>(() => network.Extract(zeros(2, 3, 32, 32, ScalarType.Byte))).Message);
    }

    [Fact]
    public void Only_the_genuine_weights_give_a_number_called_fid()
    {
        var substitute = new ExtractorIdentity("inception", new string('0', 64), "pytorch-fid", FeatureArithmetic.Float32);
        Assert.Equal("fd_inception", substitute.DistanceName);
        Assert.Equal("fid", (substitute with { WeightsSha256 = InceptionV3.GenuineSha256 }).DistanceName);
        using var lenet = FeatureExtractor.LeNet(CPU);
        Assert.Equal("fd_lenet", lenet.Identity.DistanceName);
    }

    [Fact]
    public void Weights_survive_being_saved_and_read()
    {
        using var folder = new TemporaryFolder();
        using var weights = NetworkWeights.Initial(LeNet.Shape, new Seed(3));
        weights.Save(folder["net.safetensors"], new Dictionary<string, string> { ["made by"] = "a spec" });
        using var network = FeatureExtractor.FromFile(folder["net.safetensors"], LeNet.Shape, new(1, 28, 28), CPU);
        using var features = network.Extract(full([2, 1, 28, 28], Number.Of(77), ScalarType.Byte));
        Assert.Equal([2, 84], features.Values.shape);
        Assert.True(features.Values.isfinite().all().item<bool>());
    }

    [Fact]
    public void Weights_of_another_network_are_refused_by_name_shape_and_hash()
    {
        using var folder = new TemporaryFolder();
        var path = folder["net.safetensors"];
        using var weights = NetworkWeights.Initial(LeNet.Shape, new Seed(3));
        weights.Save(path, new Dictionary<string, string>());
        Assert.Contains("found 'fc.bias' of [10]; expected [7]", Refusal(path, LeNet.Shape with { Classes = 7 }));
        Assert.Contains("no 'Conv2d_1a_3x3.conv.weight'", Refusal(path, InceptionV3.Shape));
        Assert.Matches("sha256 [0-9a-f]{64}", Refusal(path, InceptionV3.Shape));

        Model.Formats.Tensors.Safetensors.Write(
            path, weights.Tensors.Select(item => (item.Key, item.Value.detach())).Append(("AuxLogits.fc.bias", zeros(3))));
        Assert.Contains("'AuxLogits.fc.bias'", Refusal(path, LeNet.Shape));
        weights.Tensors["fc.bias"].detach().fill_(Number.Of(double.NaN));
        weights.Save(path, new Dictionary<string, string>());
        Assert.Contains("'fc.bias' with values that are not finite", Refusal(path, LeNet.Shape));
        File.WriteAllText(path, "not weights");
        Assert.Contains("lenet", Refusal(path, LeNet.Shape));
        Assert.Contains("no file", Refusal(folder["missing"], LeNet.Shape));
    }

    [Fact]
    public void Training_learns_what_can_be_learned_and_repeats_itself()
    {
        using var bars = Bars(256);
        var training = new FeatureTraining { Epochs = 3, BatchSize = 32, Shift = 1 };
        using var first = training.Run(LeNet.Shape, bars, new Progress<FeatureTrainingProgress>(), default);
        using var second = training.Run(LeNet.Shape, bars, new Progress<FeatureTrainingProgress>(), default);
        Assert.All(first.Tensors, item => Assert.True(item.Value.equal(second.Tensors[item.Key]).all().item<bool>(), item.Key));

        using var folder = new TemporaryFolder();
        first.Save(folder["bars.safetensors"], new Dictionary<string, string>());
        using var network = FeatureExtractor.FromFile(folder["bars.safetensors"], LeNet.Shape, new(1, 28, 28), CPU);
        Assert.True(AccuracyMetric.Of(network, bars) > 0.95, $"{AccuracyMetric.Of(network, bars)}");
    }

    // Horizontal or vertical bars: two classes.
    private static ImageSet Bars(int count)
    {
        var pixels = new byte[count * 28 * 28];
        var labels = new byte[count];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (image, row, column) = (i / 784, i / 28 % 28, i % 28);
            labels[image] = (byte)(image % 2);
            pixels[i] = (byte)(((image % 2 == 0 ? row : column) + image / 2) % 8 < 4 ? 220 : 30);
        }
        return ImageSet.Of(new("bars", Split.Train, ["lying", "standing"], "a spec"), new(1, 28, 28), pixels, labels);
    }

    private static string Refusal(string path, FeatureNetworkShape shape) =>
        Assert.Throws<InputException>(() => NetworkFile.Open(path, shape)).Message;

    private static NormalFit Fit(FeatureExtractor network, Tensor images)
    {
        using var pass = new FeaturePass(network, [], (int)images.shape[0]);
        foreach (var batch in images.split(256))
            pass.Add(batch);
        return pass.Statistics.Fit();
    }

    private static double Distances(NormalFit first, NormalFit second) => FrechetDistance.Between(first, second, Spectrum.RootTrace).Value;
}
