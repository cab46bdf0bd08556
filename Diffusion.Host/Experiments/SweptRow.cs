using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;

namespace Diffusion.Host.Experiments;

/// <summary>What was found of one variation.</summary>
/// <param name="Variation">How samples were drawn.</param>
/// <param name="Samples">Which samples these are, in words that no others have.</param>
/// <param name="Protocol">What the numbers depend on.</param>
/// <param name="Values">The numbers, the distance first.</param>
public sealed record SweptRow(Variation Variation, string Samples, MeasurementProtocol Protocol, Sequence<MeasuredValue> Values)
{
    /// <summary>Columns that identify a row, beside its numbers.</summary>
    public static Sequence<string> KeyColumns { get; } =
        [.. new MeasurementProtocol(ExtractorIdentity.Unknown, new("", null), null, null).Fields.Select(entry => entry.Name), "samples"];

    /// <summary>The cells under <see cref="KeyColumns"/>: known before anything is drawn.</summary>
    public Sequence<string> Key => [.. Protocol.Fields.Select(entry => entry.Value), Samples];

    /// <summary>Where it stands on the figure's horizontal axis.</summary>
    public double Place => Variation.Place ?? Protocol.Drawn!.NetworkCalls;

    /// <summary>A number by its name; NaN where it was not measured.</summary>
    public double this[string name] => Values.Where(value => value.Name == name).Select(value => value.Value).FirstOrDefault(double.NaN);

    /// <summary>For a person; the numbers of single classes are left to the table.</summary>
    public string Line => string.Create(CultureInfo.InvariantCulture, $"{Head}: {string.Join(", ", Overall.Select(value => string.Create(CultureInfo.InvariantCulture, $"{value.Name} {value.Value:0.###}")))}");

    /// <summary>For a script.</summary>
    public JsonObject Json => new()
    {
        ["series"] = Variation.Series,
        ["place"] = Place,
        ["nfe"] = Protocol.Drawn!.NetworkCalls,
        ["guidance"] = Protocol.Drawn.Guidance,
        ["samples"] = Protocol.Count,
        ["measures"] = new JsonObject(Values.Select(value => KeyValuePair.Create(value.Name, double.IsFinite(value.Value) ? (JsonNode?)value.Value : null))),
    };

    /// <summary>Guidance in both conventions.</summary>
    public static string Told(Guidance guidance) => guidance switch
    {
        Guidance.ClassifierFree free => string.Create(CultureInfo.InvariantCulture, $"w = {free.Strength} (s = {free.Scale})"),
        Guidance.None => "none",
        _ => guidance.ToString(),
    };

    private string Head => Variation.Place is null
        ? string.Create(CultureInfo.InvariantCulture, $"{Variation.Series}, {Protocol.Drawn!.NetworkCalls} network calls")
        : $"{Variation.Series}, {Protocol.Drawn!.Guidance}";

    private IEnumerable<MeasuredValue> Overall => Values.Where(value => !char.IsAsciiDigit(value.Name[^1]));
}
