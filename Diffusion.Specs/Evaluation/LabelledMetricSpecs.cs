using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Images;
using static TorchSharp.torch;

namespace Diffusion.Specs.Evaluation;

public sealed class LabelledMetricSpecs : IDisposable
{
    private static readonly Sequence<Metric> All =
        [new FrechetMetric(), new PrecisionRecallMetric(), new ClassFrechetMetric(), new AccuracyMetric(), new DiversityMetric()];

    private readonly FeatureExtractor _network = FeatureExtractor.LeNet(CPU);
    private readonly ImageSet _digits = Dataset.Mnist.Sample(Split.Test);

    public void Dispose()
    {
        _network.Dispose();
        _digits.Dispose();
    }

    [Fact]
    public void Images_are_as_near_and_as_diverse_as_themselves()
    {
        var found = Measurement.Of(_network, Digits, Digits, All);
        Assert.Equal(0, found["fd_lenet"], 1e-6);
        Assert.Equal(0, found["fd_lenet_classes"], 1e-6);
        Assert.Equal(1, found["diversity"], 1e-12);
        Assert.Equal(AccuracyMetric.Of(_network, _digits), found["accuracy"]);
        Assert.Equal((1.0, 1.0, 1.0), (found["precision_lenet"], found["recall_lenet"], found["coverage_lenet"]));
        for (var label = 0; label < 10; label++)
            Assert.Equal((0, 1), (Round(found[$"fd_lenet_{label}"], 6), Round(found[$"diversity_{label}"], 9)));
    }

    [Fact]
    public void Samples_are_measured_as_the_images_that_they_are()
    {
        using var scope = NewDisposeScope();
        var images = Measurement.Of(_network, Digits, Digits, All);
        var samples = Measurement.Of(_network, Digits, Samples(Labels()), All);
        Assert.Equal(images.Values, samples.Values);
    }

    [Fact]
    public void Images_that_are_something_else_than_they_are_meant_to_be_are_not_recognised()
    {
        using var scope = NewDisposeScope();
        var found = Measurement.Of(_network, Digits, Samples([.. Labels().Select(label => (label + 1) % 10)]), All);
        Assert.InRange(found["accuracy"], 0, 0.02);
        // All together they are still the same images.
        Assert.Equal(0, found["fd_lenet"], 1e-6);
        for (var label = 0; label < 10; label++)
            Assert.True(found[$"fd_lenet_{label}"] > 10, $"{label}");
    }

    [Fact]
    public void One_image_many_times_has_no_diversity()
    {
        using var scope = NewDisposeScope();
        var first = Enumerable.Range(0, 10).Select(label => Array.IndexOf(Labels(), label)).ToArray();
        var alike = Pixels.ToNumbers(_digits.Images)[tensor([.. Enumerable.Range(0, 40).Select(sample => (long)first[sample % 10])])];
        var found = Measurement.Of(_network, Digits, new EvaluationInput.OfTensor(alike, sample => sample % 10), new DiversityMetric());
        Assert.Equal(0, found["diversity"], 1e-6);
    }

    [Fact]
    public void A_class_without_images_is_refused()
    {
        using var few = Pixels.ToNumbers(_digits.Images.narrow(0, 0, 4));
        Assert.Throws<ArgumentException>(
            () => Measurement.Of(_network, Digits, new EvaluationInput.OfTensor(few, _ => 3), new ClassFrechetMetric()));
    }

    private EvaluationInput.OfOneSize Digits => new(_digits, "digits");

    private long[] Labels() => _digits.Labels.data<long>().ToArray();

    private EvaluationInput.OfTensor Samples(long[] labels) => new(Pixels.ToNumbers(_digits.Images), sample => labels[sample]);
}
