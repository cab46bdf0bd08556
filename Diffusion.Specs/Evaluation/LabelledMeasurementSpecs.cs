using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Images;
using static TorchSharp.torch;

namespace Diffusion.Specs.Evaluation;

public sealed class LabelledMeasurementSpecs : IDisposable
{
    private readonly FeatureExtractor _judge = FeatureExtractor.LeNet(CPU);
    private readonly ImageSet _digits = Dataset.Mnist.Sample(Split.Test);

    public void Dispose()
    {
        _judge.Dispose();
        _digits.Dispose();
    }

    [Fact]
    public void Images_are_as_near_and_as_diverse_as_themselves()
    {
        using var own = LabelledFeatures.Of(_judge, _digits);
        var found = LabelledMeasurement.Between(own, own);
        Assert.Equal(0, found.Distance, 1e-6);
        Assert.Equal(1, found.Diversity, 1e-12);
        Assert.Equal(_judge.Accuracy(_digits), found.Accuracy, 1e-12);
        Assert.All(found.Classes, part => Assert.Equal((0, 1), (Round(part.Distance, 6), Round(part.Diversity, 9))));
        Assert.Equal((_digits.Count, _digits.Count), (own.All.Count, own.Vectors.Count));
    }

    [Fact]
    public void Samples_are_measured_as_the_images_that_they_are()
    {
        using var scope = NewDisposeScope();
        var labels = _digits.Labels.data<long>().ToArray();
        using var samples = LabelledFeatures.Of(_judge, Pixels.ToNumbers(_digits.Images), sample => labels[sample]);
        using var images = LabelledFeatures.Of(_judge, _digits);
        Assert.Equal(images.Accuracy, samples.Accuracy);
        Assert.All(images.Classes.Zip(samples.Classes), pair => Assert.Equal(pair.First, pair.Second));
        var covering = Diffusion.Math.Evaluation.PrecisionRecall.Between(images.Vectors, samples.Vectors, 3);
        Assert.Equal((1.0, 1.0, 1.0), (covering.Precision, covering.Recall, covering.Coverage));
    }

    [Fact]
    public void Images_that_are_something_else_than_they_are_meant_to_be_are_not_recognised()
    {
        using var scope = NewDisposeScope();
        var labels = _digits.Labels.data<long>().ToArray();
        using var real = LabelledFeatures.Of(_judge, _digits);
        using var samples = LabelledFeatures.Of(_judge, Pixels.ToNumbers(_digits.Images), sample => (labels[sample] + 1) % 10);
        var found = LabelledMeasurement.Between(real, samples);
        Assert.InRange(found.Accuracy, 0, 0.02);
        // All together they are still the same images.
        Assert.Equal(0, found.Distance, 1e-6);
        Assert.All(found.Classes, part => Assert.True(part.Distance > 10, $"{part}"));
    }

    [Fact]
    public void One_image_many_times_has_no_diversity()
    {
        using var scope = NewDisposeScope();
        var labels = _digits.Labels.data<long>().ToArray();
        var first = Enumerable.Range(0, 10).Select(label => Array.IndexOf(labels, label)).ToArray();
        var samples = Pixels.ToNumbers(_digits.Images)[tensor([.. Enumerable.Range(0, 40).Select(sample => (long)first[sample % 10])])];
        using var real = LabelledFeatures.Of(_judge, _digits);
        using var alike = LabelledFeatures.Of(_judge, samples, sample => sample % 10);
        var found = LabelledMeasurement.Between(real, alike);
        Assert.Equal(0, found.Diversity, 1e-6);
    }

    [Fact]
    public void A_class_without_images_is_refused()
    {
        using var real = LabelledFeatures.Of(_judge, _digits);
        using var few = Pixels.ToNumbers(_digits.Images.narrow(0, 0, 4));
        using var threes = LabelledFeatures.Of(_judge, few, _ => 3);
        Assert.Throws<ArgumentException>(() => LabelledMeasurement.Between(real, threes));
    }
}
