using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Sweeps;

/// <summary>What was found of one variation, or of real images: a row of a sweep's table.</summary>
/// <param name="Method">How samples were drawn, as <see cref="Variation.Method"/> says; of real images, what they are.</param>
/// <param name="Guidance">How strongly it was guided, where that was varied.</param>
/// <param name="Key">
/// What the numbers depend on: the fields of the protocol, and which samples these are, in words that no others have.
/// </param>
/// <param name="Values">The numbers, the distance first.</param>
public sealed partial record SweptRow(string Method, GuidanceScale? Guidance, Sequence<ProtocolField> Key, Sequence<MetricValue> Values)
{
    /// <summary>Columns that identify a row, beside its numbers.</summary>
    public static Sequence<string> KeyColumns { get; } =
        KeyOf(new(ExtractorIdentity.Unknown, new("", null), null, null), "").Select(entry => entry.Name).ToSequence();

    /// <summary>What identifies a row.</summary>
    /// <param name="protocol">What its numbers depend on.</param>
    /// <param name="samples">Which samples these are.</param>
    public static Sequence<ProtocolField> KeyOf(MeasurementProtocol protocol, string samples) =>
        [.. protocol.Fields, new("samples", samples)];

    /// <summary>The row of a table.</summary>
    /// <param name="cells">Its cells by the names of their columns; empty ones are left out.</param>
    public static SweptRow Of(IReadOnlyDictionary<string, string> cells) => new(
        cells.GetValueOrDefault(MeasuredRows.SweepColumns[0], ""),
        GuidanceOf(cells),
        KeyOf(cells),
        cells.Where(cell => !MeasuredRows.SweepColumns.Contains(cell.Key)
            && !KeyColumns.Contains(cell.Key) && !MeasurementProtocol.OptionalFields.Contains(cell.Key))
            .Select(cell => new MetricValue(cell.Key, Number(cell.Value))).ToSequence());

    /// <summary>The cells by the names of their columns, in order.</summary>
    public Sequence<(string Column, string Cell)> Cells =>
    [
        (MeasuredRows.SweepColumns[0], Method),
        (MeasuredRows.SweepColumns[1], Guidance?.W is { } w ? Text(w) : ""),
        (MeasuredRows.SweepColumns[2], Guidance is { } guidance ? Text(guidance.Scale) : ""),
        .. Values.Select(value => (value.Name, Text(value.Value))),
        .. Key.Select(entry => (entry.Name, entry.Value)),
    ];

    /// <summary>Network calls of a sample; null for real images.</summary>
    public long? NetworkCalls => Whole("nfe");

    /// <summary>How many images there were.</summary>
    public long? Count => Whole("n");

    /// <summary>A number by its name; NaN where it was not measured.</summary>
    public double this[string name] => Values.Where(value => value.Name == name).Select(value => value.Value).FirstOrDefault(double.NaN);

    /// <summary>How strongly it was guided, in both conventions where there are two; empty where that was not varied.</summary>
    public string Mark => Guidance is not { } guidance ? ""
        : Field("guidance") is ['w', ..] word ? word
        : string.Create(CultureInfo.InvariantCulture, $"s = {guidance.Scale}");

    /// <summary>What was sampled, among the rows of a sweep.</summary>
    public string Name => NetworkCalls is not { } calls ? Method
        : Guidance is null ? string.Create(CultureInfo.InvariantCulture, $"{Method}, {calls} NFE") : $"{Method}, {Mark}";

    /// <summary>For a person; the numbers of single classes are left to the table.</summary>
    public string Line => $"{Name}: " + string.Join(
        ", ",
        Values.Where(value => !char.IsAsciiDigit(value.Name[^1])).Select(value => string.Create(
            CultureInfo.InvariantCulture, $"{value.Name} {NumberText.Short(value.Value, "0.###")}")));

    /// <summary>For a script.</summary>
    public JsonObject Json => new()
    {
        ["method"] = Method,
        ["guidance_scale"] = Guidance?.Scale,
        ["guidance_w"] = Guidance?.W,
        ["nfe"] = NetworkCalls,
        ["guidance"] = Field("guidance"),
        ["samples"] = Count,
        ["measures"] = new JsonObject(
            Values.Select(value => KeyValuePair.Create(value.Name, double.IsFinite(value.Value) ? (JsonNode?)value.Value : null))),
    };

    private static GuidanceScale? GuidanceOf(IReadOnlyDictionary<string, string> cells) =>
        cells.TryGetValue(MeasuredRows.SweepColumns[2], out var scale)
            ? new(Number(scale), cells.TryGetValue(MeasuredRows.SweepColumns[1], out var w) ? Number(w) : null)
            : null;

    /// <summary>Whether it is of the same samples, measured in the same way.</summary>
    public bool IsAs(SweptRow asked) =>
        asked.Key.All(field => Unnamed(Key.FirstOrDefault(own => own.Name == field.Name)?.Value ?? "") == Unnamed(field.Value));

    // Without the sampler's name, which has changed: the hash of the plan is in the key.
    private static string Unnamed(string samples) => SamplerAndSteps().Replace(samples, "$1");

    [GeneratedRegex(@"(step \d+ weights \w* seed \d+) .+? \d+(?= classifier|$)")]
    private static partial Regex SamplerAndSteps();

    // Fields of single metrics stand before the samples, as in a row that was measured.
    private static Sequence<ProtocolField> KeyOf(IReadOnlyDictionary<string, string> cells) =>
    [
        .. KeyColumns.SkipLast(1).Concat(MeasurementProtocol.OptionalFields.Where(cells.ContainsKey)).Append(KeyColumns[^1])
            .Select(name => new ProtocolField(name, cells.GetValueOrDefault(name, ""))),
    ];

    private string Field(string name) => Key.Single(entry => entry.Name == name).Value;

    private long? Whole(string name) => Field(name) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
