using Diffusion.Host.Downloads;
using Diffusion.Math.Evaluation;
using Diffusion.Math.Values;
using Diffusion.Model.Data;
using Diffusion.Model.Evaluation;
using TorchSharp;

namespace Diffusion.Host.Experiments;

/// <summary>What is measured of every variation: the distance, and of samples with labels how many are recognised and how much they vary.</summary>
public sealed class SweepMeter
{
    private readonly FeatureExtractor _judge;
    private readonly LabelledFeatures _reference;
    private readonly LabelledFeatures? _heldOut;
    private readonly NormalFit _fit;

    /// <summary>Measures the pictures that samples are compared with.</summary>
    /// <param name="judge">The network; not owned.</param>
    /// <param name="data">The pictures that the model was trained on, and those held out.</param>
    /// <param name="stopping">Ends the work early.</param>
    public SweepMeter(FeatureExtractor judge, LocatedData data, CancellationToken stopping)
    {
        (_judge, _reference) = (judge, LabelledFeatures.Of(judge, data.Train));
        _heldOut = data.Test is null ? null : LabelledFeatures.Of(judge, data.Test);
        _fit = _reference.All.Fit();
        Reference = new(PictureHash.Of(data.Train, stopping), data.Train.Provenance.Count);
    }

    /// <summary>Which pictures samples are compared with.</summary>
    public ReferenceIdentity Reference { get; }

    /// <summary>What makes the features.</summary>
    public ExtractorIdentity Extractor => _judge.Identity;

    /// <summary>What the numbers of samples are called, the distance first.</summary>
    /// <param name="classes">How many labels the samples are of; null for samples without.</param>
    public Sequence<string> Names(int? classes) => classes is not { } count ? [Distance] :
    [
        Distance, $"{Distance}_classes", "accuracy", "diversity",
        .. Enumerable.Range(0, count).SelectMany(label => new[] { $"{Distance}_{label}", $"accuracy_{label}", $"diversity_{label}" }),
    ];

    /// <summary>The numbers of samples, in the order of the names; NaN where a sample is no picture.</summary>
    /// <param name="samples">[N, C, H, W] in [−1, 1].</param>
    /// <param name="classes">How many labels they are of, in turn; null for samples without.</param>
    public Sequence<MeasuredValue> Measure(torch.Tensor samples, int? classes)
    {
        if (!samples.isfinite().all().item<bool>())
            return Named(Enumerable.Repeat(double.NaN, Names(classes).Count), classes);
        var features = LabelledFeatures.Of(_judge, samples, classes is { } count ? sample => sample % count : _ => 0);
        return Values(features, classes);
    }

    /// <summary>The same numbers of real pictures that no model has seen; empty where there are none.</summary>
    /// <param name="classes">As of the samples.</param>
    public Sequence<MeasuredValue> HeldOut(int? classes) => _heldOut is null ? [] : Values(_heldOut, classes);

    private string Distance => _judge.Identity.DistanceName;

    private Sequence<MeasuredValue> Values(LabelledFeatures features, int? classes)
    {
        if (classes is null)
            return Named([FrechetDistance.Between(_fit, features.All.Fit(), Spectrum.RootTrace).Value], null);
        var found = LabelledMeasurement.Between(_reference, features);
        return Named(
            [
                found.Distance, found.Classes.Average(part => part.Distance), found.Accuracy, found.Diversity,
                .. found.Classes.SelectMany(part => new[] { part.Distance, part.Accuracy, part.Diversity }),
            ], classes);
    }

    private Sequence<MeasuredValue> Named(IEnumerable<double> values, int? classes) =>
        Names(classes).Zip(values, (name, value) => new MeasuredValue(name, value)).ToSequence();
}
