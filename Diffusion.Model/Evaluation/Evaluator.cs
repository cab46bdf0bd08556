using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;

namespace Diffusion.Model.Evaluation;

/// <summary>Measures samples, again and again, against one reference by one network and some metrics.</summary>
public sealed class Evaluator : IDisposable
{
    private readonly FeatureExtractor _extractor;
    private readonly FeatureSet _reference;
    private readonly Accumulation[] _wanted;

    /// <summary>Measures the reference, or finds it in the cache.</summary>
    /// <param name="extractor">The network; not owned.</param>
    /// <param name="reference">What samples are compared with; not owned, and not needed later.</param>
    /// <param name="metrics">The metrics; at least one.</param>
    /// <param name="watch">Receives the progress, and may cancel it.</param>
    /// <param name="cache">Where references are kept; null for nowhere.</param>
    public Evaluator(
        FeatureExtractor extractor, EvaluationInput reference, Sequence<Metric> metrics, EvaluationWatch? watch = null,
        ReferenceCache? cache = null)
    {
        (_extractor, Metrics) = (extractor, metrics);
        _wanted = [.. metrics.SelectMany(metric => metric.OfSamples).Distinct()];
        _reference = reference.Measure(extractor, [.. metrics.SelectMany(metric => metric.OfReference).Distinct()], watch ?? new(), cache);
    }

    /// <summary>The metrics.</summary>
    public Sequence<Metric> Metrics { get; }

    /// <summary>What makes the features.</summary>
    public ExtractorIdentity Features => _extractor.Identity;

    /// <summary>What samples are compared with.</summary>
    public ReferenceIdentity Reference => _reference.Identity;

    /// <summary>The features of the reference; owned by this.</summary>
    public FeatureSet ReferenceFeatures => _reference;

    /// <summary>Names of the numbers, in order.</summary>
    public Sequence<string> Columns => Metrics.SelectMany(metric => metric.Columns(_extractor.Identity, _extractor.Classes)).ToSequence();

    /// <summary>What the numbers will depend on.</summary>
    /// <param name="count">How many samples there will be.</param>
    /// <param name="drawn">How they are drawn; null for images from elsewhere.</param>
    public MeasurementProtocol ProtocolOf(long count, DrawnSamples? drawn) =>
        Measurement.ProtocolOf(_extractor.Identity, Reference, count, drawn, Metrics);

    /// <summary>Measures.</summary>
    /// <param name="samples">The samples; not owned.</param>
    /// <param name="nonFinite">What becomes of samples that hold what no image can.</param>
    /// <param name="watch">Receives the progress, and may cancel it.</param>
    /// <exception cref="InputException">A sample holds what no image can, and such are refused; or an image cannot be read.</exception>
    /// <exception cref="ArgumentException">The samples do not fit the network or a metric.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public Measurement Measure(
        EvaluationInput samples, NonFiniteSamples nonFinite = NonFiniteSamples.Refused, EvaluationWatch? watch = null)
    {
        try
        {
            using var features = samples.Measure(_extractor, _wanted, watch ?? new());
            return Measurement.Between(_reference, features, Metrics);
        }
        catch (NotFiniteNumberException diverged) when (nonFinite == NonFiniteSamples.NotANumber)
        {
            return new(Columns.Select(name => new MetricValue(name, double.NaN)).ToSequence(), ProtocolOf(samples.Count ?? 0, null))
            {
                Notes = [new(diverged.Message.TrimEnd('.'), "nothing can be measured")],
            };
        }
        catch (NotFiniteNumberException diverged)
        {
            throw Refusal(samples.Name, diverged);
        }
    }

    /// <summary>One line of what the numbers depend on, for a report whose rows share it.</summary>
    public string Provenance => $"{_extractor.Identity.DistanceName}: weights {_extractor.Identity.WeightsSha256}, "
        + $"resize {_extractor.Identity.Preparation}, rounding {MeasurementProtocol.Rounding}, "
        + string.Create(CultureInfo.InvariantCulture, $"reference {_reference.Sha256} of {_reference.Fit.Count}");

    /// <inheritdoc/>
    public void Dispose() => _reference.Dispose();

    /// <summary>The refusal of samples that hold what no image can.</summary>
    /// <param name="name">What they are called.</param>
    /// <param name="diverged">What was found.</param>
    public static InputException Refusal(string name, NotFiniteNumberException diverged) =>
        new(name, diverged.Message.TrimEnd('.'), "samples that an image can hold", diverged);
}

/// <summary>
/// What becomes of samples with values that are NaN or infinite, as a model paints that has diverged: no image file can hold them. The one
/// rule: where a person asks for a number there is none, and the reason is an error; training and sweeps go on with a row of NaN and a
/// warning.
/// </summary>
public enum NonFiniteSamples
{
    /// <summary>They are an error.</summary>
    Refused,

    /// <summary>Every number is NaN, and a note says why.</summary>
    NotANumber,
}
