using Diffusion.Math.Evaluation;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using TorchSharp;

namespace Diffusion.Host.Sweeps;

/// <summary>What is measured of every variation: distance, precision, recall and coverage, and of samples with labels how many are recognised and how much they vary.</summary>
public sealed class SweepMeter : IDisposable
{
    private const int Neighbour = PrecisionRecall.UsualNeighbour;
    private readonly FeatureExtractor _judge;
    private readonly LabelledFeatures _reference;
    private readonly ReferenceIdentity _identity;
    private readonly NormalFit _fit;
    private readonly int? _classes;

    /// <summary>Measures the images that samples are compared with.</summary>
    /// <param name="judge">The network; not owned.</param>
    /// <param name="data">The images that the model was trained on, and those held out.</param>
    /// <param name="classes">How many labels the samples are of, in turn; null for samples without.</param>
    /// <param name="stopping">Ends the work early.</param>
    public SweepMeter(FeatureExtractor judge, TrainingData data, int? classes, CancellationToken stopping)
    {
        (_judge, _reference, _classes) = (judge, LabelledFeatures.Of(judge, data.Train), classes);
        _fit = _reference.All.Fit();
        _identity = new(ImageHash.Of(data.Train, stopping), data.Train.Provenance.Count);
        if (data.Test is not { } test)
            return;
        using var held = LabelledFeatures.Of(judge, test);
        Real = new("real images, held out", null, Key(test.Provenance.Count, null, test.Provenance.ToString()), Values(held));
    }

    /// <summary>The numbers of real images that no model has seen; null where there are none.</summary>
    public SweptRow? Real { get; }

    /// <summary>What the numbers are called, the distance first.</summary>
    public Sequence<string> Names =>
    [
        Distance, .. new[] { "precision", "recall", "coverage" }.Select(_judge.Identity.NameOf),
        .. _classes is { } classes ? OfClasses(classes) : [],
    ];

    /// <summary>What identifies a row.</summary>
    /// <param name="count">How many images.</param>
    /// <param name="drawn">How they were drawn; null for real ones.</param>
    /// <param name="samples">Which images these are.</param>
    public Sequence<ProtocolField> Key(int count, DrawnSamples? drawn, string samples) =>
        SweptRow.KeyOf(new(_judge.Identity, _identity, count, drawn) { Neighbourhood = new(Neighbour, References(count)) }, samples);

    /// <summary>The numbers of samples, in the order of the names; NaN where a sample is no image.</summary>
    /// <param name="samples">[N, C, H, W] in [−1, 1].</param>
    public Sequence<MeasuredValue> Measure(torch.Tensor samples)
    {
        using var scope = torch.NewDisposeScope();
        if (!samples.isfinite().all().item<bool>())
            return Named(Names.Select(_ => double.NaN));
        using var features = LabelledFeatures.Of(_judge, samples, _classes is { } classes ? sample => sample % classes : _ => 0);
        return Values(features);
    }

    /// <inheritdoc/>
    public void Dispose() => _reference.Dispose();

    private string Distance => _judge.Identity.DistanceName;

    private Sequence<string> OfClasses(int classes) =>
    [
        $"{Distance}_classes", "accuracy", "diversity",
        .. Enumerable.Range(0, classes).SelectMany(label => new[] { $"{Distance}_{label}", $"accuracy_{label}", $"diversity_{label}" }),
    ];

    private Sequence<MeasuredValue> Values(LabelledFeatures features)
    {
        var covering = Covering(features.Vectors);
        return Named(
        [
            FrechetDistance.Between(_fit, features.All.Fit(), Spectrum.RootTrace).Value, covering.Precision, covering.Recall, covering.Coverage,
            .. _classes is null ? [] : OfClasses(LabelledMeasurement.Between(_reference, features)),
        ]);
    }

    // As many references as samples, as both papers have it, from everywhere in the set: of ten times as many, most would lie beyond reach.
    private PrecisionRecall Covering(TensorFeatures samples)
    {
        var (all, count) = ((long)_reference.Vectors.Count, References(samples.Count));
        using var references = _reference.Vectors.Pick([.. Enumerable.Range(0, count).Select(index => (int)(index * all / count))]);
        return PrecisionRecall.Between(references, samples, Neighbour);
    }

    private int References(int samples) => Min(samples, _reference.Vectors.Count);

    private static Sequence<double> OfClasses(LabelledMeasurement found) =>
    [
        found.Classes.Average(part => part.Distance), found.Accuracy, found.Diversity,
        .. found.Classes.SelectMany(part => new[] { part.Distance, part.Accuracy, part.Diversity }),
    ];

    private Sequence<MeasuredValue> Named(IEnumerable<double> values) => Names.Zip(values, (name, value) => new MeasuredValue(name, value)).ToSequence();
}
