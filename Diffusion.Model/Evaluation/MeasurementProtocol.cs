using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;

namespace Diffusion.Model.Evaluation;

/// <summary>
/// Everything that a measured number depends on beside the images themselves. Numbers of different protocols do not compare.
/// </summary>
/// <param name="Extractor">What made the features.</param>
/// <param name="Reference">What was compared with.</param>
/// <param name="Count">How many images were measured; null where a file of statistics does not say.</param>
/// <param name="Drawn">How they were drawn; null for images from elsewhere.</param>
public sealed record MeasurementProtocol(ExtractorIdentity Extractor, ReferenceIdentity Reference, long? Count, DrawnSamples? Drawn)
{
    /// <summary>How images become bytes before they are measured: as an image file would hold them, whether or not there was one.</summary>
    public static string Rounding => "uint8";

    private const string AssumedName = "assumed";

    /// <summary>Names of the fields that only some measurements have: those of single metrics, and an assumption.</summary>
    public static Sequence<string> OptionalFields { get; } = [.. MetricCatalogue.Known.FieldNames, AssumedName];

    /// <summary>What the numbers of single metrics depend on beside.</summary>
    public Sequence<ProtocolField> OfMetrics { get; init; } = [];

    /// <summary>
    /// What was assumed to have made the features of statistics that do not say, and of which side; null where nothing had to be.
    /// </summary>
    public string? Assumed { get; init; }

    /// <summary>Every field by name, as text; the columns of a report.</summary>
    public Sequence<ProtocolField> Fields =>
    [
        Counted("n", Count),
        new("ema", Drawn?.Average ?? ""),
        new("plan_sha256", Drawn?.PlanSha256 ?? ""),
        Counted("nfe", Drawn?.NetworkCalls),
        new("guidance", Drawn?.Guidance ?? ""),
        new("extractor", Extractor.Name),
        new("weights_sha256", Extractor.WeightsSha256),
        new("resize", Extractor.Preparation),
        new("arithmetic", IsUnknown ? "" : Extractor.Arithmetic.ToString().ToLowerInvariant()),
        new("rounding", IsUnknown ? "" : Rounding),
        new("reference_sha256", Reference.Sha256),
        Counted("reference_n", Reference.Count),
        .. OfMetrics,
        .. Assumed is { } assumed ? [new(AssumedName, assumed)] : Enumerable.Empty<ProtocolField>(),
    ];

    /// <summary>The fields in which two protocols differ; where there are none, their numbers compare.</summary>
    /// <remarks>A side without such a measure says nothing about its optional fields, and has no number that they would spoil.</remarks>
    public static Sequence<ProtocolDifference> Differences(Sequence<ProtocolField> first, Sequence<ProtocolField> second)
    {
        string Find(Sequence<ProtocolField> fields, string name) =>
            fields.Where(field => field.Name == name).Select(field => field.Value).FirstOrDefault("");
        return first.Concat(second).Select(field => field.Name).Distinct()
            .Select(name => new ProtocolDifference(name, Find(first, name), Find(second, name)))
            .Where(difference => difference.First != difference.Second)
            .Where(difference => difference.Name == AssumedName || !OptionalFields.Contains(difference.Name)
                || (difference.First.Length > 0 && difference.Second.Length > 0))
            .ToSequence();
    }

    // Statistics of both sides that do not say what made them, assumed to be the same.
    private bool IsUnknown => Extractor == ExtractorIdentity.Unknown;

    private static ProtocolField Counted(string name, long? number) => new(name, number?.ToString(CultureInfo.InvariantCulture) ?? "");
}

/// <summary>Which reference images a distance is to.</summary>
/// <param name="Sha256">64 hexadecimal digits over their content, or over the file of their statistics.</param>
/// <param name="Count">How many they are; null where a file of statistics does not say.</param>
public sealed record ReferenceIdentity(string Sha256, long? Count);

/// <summary>How samples were drawn from a model.</summary>
/// <param name="Average">Which average of the weights, such as <c>0.9999</c>; <c>none</c> for the weights themselves.</param>
/// <param name="PlanSha256">64 hexadecimal digits over the text of the sampler's plan.</param>
/// <param name="NetworkCalls">Network evaluations for one sample.</param>
/// <param name="Guidance">How conditional and unconditional outputs were combined.</param>
public sealed record DrawnSamples(string Average, string PlanSha256, int NetworkCalls, string Guidance)
{
    /// <summary>Which samples of which model these are; null where a file of statistics does not say.</summary>
    public DrawnFrom? From { get; init; }
}

/// <summary>
/// Which samples of which model were drawn. Numbers compare across these: to see how they differ is what they are measured for.
/// </summary>
/// <param name="Recipe">What the model was trained by.</param>
/// <param name="Step">Updates that were made.</param>
/// <param name="Sampler">The sampler and its number of steps.</param>
/// <param name="Seed">What the noise follows from.</param>
public sealed record DrawnFrom(string Recipe, long Step, string Sampler, ulong Seed);

/// <summary>One field of a protocol.</summary>
/// <param name="Name">The column.</param>
/// <param name="Value">What it says; empty where that is unknown.</param>
public sealed record ProtocolField(string Name, string Value)
{
    private static readonly HashSet<string> Counts = ["n", "nfe", "reference_n", .. MetricCatalogue.Known.FieldNames];

    /// <summary>Whether it counts something, so that a script should find a number.</summary>
    public bool IsCount => Counts.Contains(Name);
}

/// <summary>A field in which two protocols differ.</summary>
public sealed record ProtocolDifference(string Name, string First, string Second)
{
    /// <summary>The field and both values, in one phrase.</summary>
    public override string ToString() => $"{Name} ({Shown(First)} and {Shown(Second)})";

    private static string Shown(string value) => value.Length == 0 ? "unknown" : value;
}
